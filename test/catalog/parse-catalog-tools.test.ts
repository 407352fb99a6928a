import { describe, expect, it } from 'vitest';
import { at, brokenAt, faultsIn, file, type Json } from './broken-catalog.ts';

type Row = [name: string, tool: number, place: string, value: Json | undefined, ...faults: string[]];

const image = at(file.tools, 'image-standard');
const imagePro = at(file.tools, 'image-pro');
const llm = at(file.tools, 'llm-large');
const agent = at(file.tools, 'agent-assistant');
const search = at(file.tools, 'web-search');
const imageCode = file.tools[image]?.code;

const id = 'must be an id in kebab-case of at most 40 characters';
const name = 'must be a name in camelCase of at most 30 characters';
const rate = 'must be a whole number from 1 to 1000000';
const positive = 'must be a whole number from 1 to 1000000000';
const kinds = 'must be one of fixed, per_unit, tokens, open_ended';
const meter = { milliCreditsEach: 1, max: 1 };

const expectFaults = (...[, tool, place, value, ...faults]: Row) =>
  expect(faultsIn(brokenAt(`tools.${tool}.${place}`, value))).toEqual(faults.map((fault) => `tools[${tool}].${fault}`));

describe('a broken tool is refused with the path of each fault', () => {
  it.each<Row>([
    ['spaces in an id', image, 'id', 'Image Standard', `id ${id}`],
    ['the id __proto__', image, 'id', '__proto__', `id ${id}`],
    [
      'the id of another, whose code is another',
      imagePro,
      'id',
      'image-standard',
      'id is there twice',
      `code must be ${imageCode}, which stands for image-standard`,
    ],
    ['the code of another', imagePro, 'code', imageCode ?? null, 'code stands for image-standard'],
    ['the code 0', image, 'code', 0, 'code must be a whole number from 1 to 9999'],
    ['no model', image, 'model', undefined, 'model is required'],
    ['no pricing', image, 'pricing', undefined, 'pricing is required'],
    ['a kind of price there is not', image, 'pricing.kind', 'auction', `pricing.kind ${kinds}`],
    ['a note beside a price', image, 'pricing.note', 1, 'pricing.note is not known here'],
    ['a call for nothing', search, 'pricing.creditsPerCall', 0, `pricing.creditsPerCall ${positive}`],
    ['a unit for nothing', image, 'pricing.milliCreditsEach', 0, `pricing.milliCreditsEach ${rate}`],
    ['a rate too high to be safe', image, 'pricing.milliCreditsEach', 1_000_001, `pricing.milliCreditsEach ${rate}`],
    ['a rate with a fraction', llm, 'pricing.inputPerMillion', 0.5, `pricing.inputPerMillion ${rate}`],
    ['a unit named as all objects’ own', image, 'pricing.unit', 'constructor', `pricing.unit ${name}`],
    ['a unit named as a refusal is', image, 'pricing.unit', 'refused', `pricing.unit ${name}`],
    ['a unit named as an option', image, 'pricing.unit', 'resolution', 'pricing.unit is also an option'],
    ['an option without a choice', image, 'pricing.options.size', {}, 'pricing.options.size must have a choice'],
    ['an option of no name', image, 'pricing.options', { 'the size': { s: 1 } }, `pricing.options["the size"] ${name}`],
    [
      'a choice for nothing',
      image,
      'pricing.options.resolution.low',
      0,
      'pricing.options.resolution.low must be a whole number from 1 to 1000',
    ],
    [
      'four options',
      image,
      'pricing.options',
      { a: { x: 1 }, b: { x: 1 }, c: { x: 1 }, d: { x: 1 } },
      'pricing.options must be at most 3',
    ],
    [
      'a price beyond all credits',
      image,
      'pricing.maxUnits',
      1e9,
      'pricing must never cost more than 1000000000 credits',
    ],
    [
      'typically more than the most',
      llm,
      'pricing.typicalOutputTokens',
      1e6,
      'pricing.typicalOutputTokens must not exceed maxOutputTokens',
    ],
    [
      'a base above the ceiling',
      agent,
      'pricing.baseCredits',
      61,
      'pricing.baseCredits must not exceed ceilingCredits',
    ],
    [
      'typically above it',
      agent,
      'pricing.typicalCredits',
      61,
      'pricing.typicalCredits must not exceed ceilingCredits',
    ],
    [
      'a meter named as it',
      agent,
      'pricing.meters.maxCredits',
      meter,
      'pricing.meters.maxCredits is the name of the ceiling',
    ],
    [
      'nine meters',
      agent,
      'pricing.meters',
      Object.fromEntries([...'abcdefghi'].map((letter) => [letter, meter])),
      'pricing.meters must be at most 8',
    ],
  ])('%s', (...row) => {
    expectFaults(...row);
  });
});

describe('an example must be an input and a usage that costs no more than its estimate', () => {
  it.each<Row>([
    ['no example', image, 'exampleInput', undefined, 'exampleInput is required'],
    ['a list within', image, 'exampleInput', { images: [1] }, 'exampleInput must be an object of numbers and texts'],
    ['too many units', image, 'exampleInput.images', 9, 'exampleInput.images must be a whole number from 1 to 8'],
    ['a prompt', search, 'exampleInput.prompt', 'cats', 'exampleInput.prompt is not known here'],
    [
      'a meter that is gone',
      agent,
      'pricing.meters',
      { steps: meter },
      'exampleInput.steps must be a whole number from 0 to 1',
      'exampleInput.toolCalls is not known here',
    ],
    ['tokens without output', llm, 'exampleInput.outputTokens', undefined, 'exampleInput must name outputTokens'],
    ['an agent without a ceiling', agent, 'exampleInput.maxCredits', undefined, 'exampleInput must name maxCredits'],
    ['an agent without work', agent, 'exampleInput', { maxCredits: 20 }, 'exampleInput must name steps or toolCalls'],
    ['above the ceiling', agent, 'exampleInput.maxCredits', 9, 'exampleInput must not cost more than its estimate'],
  ])('%s', (...row) => {
    expectFaults(...row);
  });

  it('that costs a credit at least', () => {
    const original = file.tools[agent];
    if (original === undefined) throw new Error('the catalog has an agent');
    const pricing = { ...original.pricing, baseCredits: 0 };
    const tool = { ...original, pricing, exampleInput: { maxCredits: 20, steps: 0 } };
    expect(faultsIn(brokenAt(`tools.${agent}`, tool))).toEqual([
      `tools[${agent}].exampleInput must cost at least 1 credit`,
    ]);
  });
});
