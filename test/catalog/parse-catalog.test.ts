import { describe, expect, it } from 'vitest';
import { at, brokenAt, faultsIn, file, type Json } from './broken-catalog.ts';

type Row = [name: string, place: string, value: Json | undefined, ...faults: string[]];

const price = { amount: 1, currency: 'usd', interval: 'month' };
const positive = 'must be a whole number from 1 to 1000000000';
const count = 'must be a whole number from 0 to 1000000000';
const months = 'must be a whole number from 1 to 120';
const unsold = 'must be there: listed plans are sold';

const free = at(file.plans, 'free');
const starter = at(file.plans, 'starter');
const pro = at(file.plans, 'pro');

describe('a broken catalog is refused with the path of each fault', () => {
  it.each<Row>([
    ['a comment', '$comment', 'later', '$comment is not known here'],
    ['no version', 'priceVersion', undefined, 'priceVersion is required'],
    ['a version of no form', 'priceVersion', 'new', 'priceVersion must be a version like 2026-11'],
    ['no plans', 'plans', undefined, 'plans is required'],
    ['plans of another shape', 'plans', {}, 'plans must be a list'],
    ['an empty list of plans', 'plans', [], 'plans must have one with the id free'],
    ['promotional credits for ever', 'promotional', {}, 'promotional.expiresAfterMonths is required'],
    ['nobody to ask for a quote', 'enterprise.contact', '', 'enterprise.contact must be a text of 1 to 200 characters'],
    ['two packs of one id', 'packs.1.id', file.packs[0]?.id, 'packs[1].id is there twice'],
    ['an empty pack', 'packs.0.credits', 0, `packs[0].credits ${positive}`],
    ['a pack for ever', 'packs.0.expiresAfterMonths', null, `packs[0].expiresAfterMonths ${months}`],
  ])('%s', (_, place, value, ...faults) => {
    expect(faultsIn(brokenAt(place, value))).toEqual(faults);
  });

  it.each<[name: string, plan: number, place: string, value: Json | undefined, fault: string]>([
    ['a comment', starter, '$comment', 'later', '$comment is not known here'],
    ['a price for the free plan', free, 'price', price, 'price must be null: this plan is free'],
    ['a free plan without credits', free, 'dailyFreeCredits', 0, 'dailyFreeCredits must be above 0'],
    ['a free plan nobody sees', free, 'listed', false, 'listed must be true: anyone may have it'],
    ['a second free plan', starter, 'id', 'free', 'id is there twice'],
    ['a listed plan without a price', pro, 'price', null, `price ${unsold}`],
    ['a week', pro, 'price.interval', 'week', 'price.interval must be one of month, year'],
    ['cents with a fraction', pro, 'price.amount', 15.5, `price.amount ${positive}`],
    ['a sign', pro, 'price.currency', '$', 'price.currency must be a currency in three small letters'],
    ['negative credits', pro, 'creditsPerCycle', -1, `creditsPerCycle ${count}`],
    ['a run limit of 0', pro, 'dailyRunLimit', 0, `dailyRunLimit ${positive}`],
    ['a run limit left out', pro, 'dailyRunLimit', undefined, 'dailyRunLimit is required'],
    ['listed by text', pro, 'listed', 'yes', 'listed must be true or false'],
  ])('in a plan: %s', (_, plan, place, value, fault) => {
    expect(faultsIn(brokenAt(`plans.${plan}.${place}`, value))).toEqual([`plans[${plan}].${fault}`]);
  });

  it('a catalog without its free plan lists all that is wrong with it', () => {
    expect(faultsIn(brokenAt(`plans.${free}.id`, 'gratis'))).toEqual([
      'plans must have one with the id free',
      `plans[${free}].price ${unsold}`,
    ]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'is required'],
    ['null', null, 'must be an object'],
    ['a list', [], 'must be an object'],
    ['a text', '{}', 'must be an object'],
  ])('%s is no catalog', (_, value, fault) => {
    expect(faultsIn(value)).toEqual([fault]);
  });
});

describe('prices that were retired', () => {
  const [first, second] = file.tools;
  if (first === undefined || second === undefined) throw new Error('the catalog has two tools at least');
  const listOf = (priceVersion: string, ...tools: Json[]): Json => ({ priceVersion, tools });
  const older = listOf('2026-08', first, second);

  it.each<[name: string, retired: Json[], ...faults: string[]]>([
    ['are refused with the version in force', [listOf(file.priceVersion, first)], '[0].priceVersion is there twice'],
    ['are refused with one version twice', [older, older], '[1].priceVersion is there twice'],
    [
      'are refused with a code that is another tool’s now',
      [listOf('2026-08', { ...first, id: 'image-old' })],
      `[0].tools[0].code stands for ${first.id}`,
    ],
    [
      'are refused with a tool that has another code now',
      [listOf('2026-08', { ...first, code: 900 })],
      `[0].tools[0].code must be ${first.code}, which stands for ${first.id}`,
    ],
    [
      'are refused with a code that stood for two tools in turn',
      [listOf('2026-08', { ...first, id: 'a', code: 900 }), listOf('2026-05', { ...first, id: 'b', code: 900 })],
      '[1].tools[0].code stands for a',
    ],
    [
      'are refused with a broken tool',
      [listOf('2026-08', { ...first, exampleInput: { images: 9, resolution: '1024x1024' } })],
      '[0].tools[0].exampleInput.images must be a whole number from 1 to 8',
    ],
    ['may be of tools that are still there', [older]],
    ['may be of a tool that is gone', [listOf('2026-08', { ...first, id: 'image-old', code: 900 })]],
    ['may be a second version within a month', [listOf('2026-08.2', first), older]],
  ])('%s', (_, retired, ...faults) => {
    expect(faultsIn(brokenAt('retired', retired))).toEqual(faults.map((fault) => `retired${fault}`));
  });
});
