import { type Catalog, FREE_PLAN_ID, type Pricing, type Tool } from '../domain/catalog.ts';
import { costOf, highestOf, MAX_QUANTITY, mostOf } from '../domain/price.ts';
import { type Fault, isRefusal, type Refusal } from '../domain/refusal.ts';
import { formatFaults } from './format-faults.ts';
import { brokenCatalog } from './parse-catalog.ts';
import { parseToolInput } from './tool-input.ts';

/**
 * That the parts of a catalog have their form and fit together (R1): ids, codes, versions, examples, bounds. Throws where they do not. At build: no
 * bundle is made of a catalog that fails it, so that a Lambda need not carry it.
 */
export const checkCatalog = (catalog: Catalog): void => {
  const badForms = formatFaults(catalog);
  const faults = badForms.length > 0 ? badForms : crossFaults(catalog);
  if (faults.length > 0) throw brokenCatalog(faults);
};

const crossFaults = (catalog: Catalog): Fault[] => {
  const lists = [
    { at: 'tools', tools: catalog.tools },
    ...catalog.retired.map(({ tools }, index) => ({ at: `retired[${index}].tools`, tools })),
  ];
  return [
    ...planFaults(catalog),
    ...repeatedIds('packs', catalog.packs),
    ...lists.flatMap(({ at, tools }) => [
      ...repeatedIds(at, tools),
      ...tools.flatMap((tool, index) => toolFaults(`${at}[${index}]`, tool)),
    ]),
    ...codeFaults(lists),
    ...versionFaults(catalog),
  ];
};

const planFaults = ({ plans }: Catalog): Fault[] => {
  const at = plans.findIndex((plan) => plan.id === FREE_PLAN_ID);
  const free = plans[at];
  const faults = repeatedIds('plans', plans);
  if (free === undefined) faults.push({ path: 'plans', message: `must have one with the id ${FREE_PLAN_ID}` });
  else {
    if (free.price !== null) faults.push({ path: `plans[${at}].price`, message: 'must be null: this plan is free' });
    if (free.dailyFreeCredits === 0) faults.push({ path: `plans[${at}].dailyFreeCredits`, message: 'must be above 0' });
    if (!free.listed) faults.push({ path: `plans[${at}].listed`, message: 'must be true: anyone may have it' });
  }
  plans.forEach((plan, index) => {
    const unsaleable = plan.listed && plan.price === null && plan.id !== FREE_PLAN_ID;
    if (unsaleable) faults.push({ path: `plans[${index}].price`, message: 'must be there: listed plans are sold' });
  });
  return faults;
};

const toolFaults = (at: string, tool: Tool): Fault[] => {
  const faults = pricingFaults(`${at}.pricing`, tool.pricing);
  if (faults.length > 0) return faults;
  const path = `${at}.exampleInput`;
  const input = parseToolInput(tool, tool.exampleInput, path);
  if (isRefusal(input)) return faultsIn(input, path);
  const missing = requiredOfExample(tool.pricing).find((names) => names.every((name) => !Object.hasOwn(input, name)));
  if (missing !== undefined) return [{ path, message: `must name ${missing.join(' or ')}` }];
  const cost = costOf(tool.pricing, input);
  if (cost < 1) return [{ path, message: 'must cost at least 1 credit' }];
  if (cost > mostOf(tool.pricing, input).credits) return [{ path, message: 'must not cost more than its estimate' }];
  return [];
};

/** An example is both an input and a usage: of each group it names one, though an input need not. */
const requiredOfExample = (price: Pricing): string[][] => {
  if (price.kind === 'tokens') return [['outputTokens']];
  return price.kind === 'open_ended' ? [['maxCredits'], Object.keys(price.meters)] : [];
};

const faultsIn = (refusal: Refusal, path: string): Fault[] =>
  refusal.refused === 'validation_failed' ? [...refusal.faults] : [{ path, message: refusal.refused }];

const pricingFaults = (at: string, price: Pricing): Fault[] => {
  const faults: Fault[] = [];
  const fault = (field: string, message: string) => faults.push({ path: `${at}.${field}`, message });
  if (price.kind === 'per_unit') {
    if (Object.hasOwn(price.options, price.unit)) fault('unit', 'is also an option');
    if (Object.keys(price.options).length > 3) fault('options', 'must be at most 3');
    for (const [name, choices] of Object.entries(price.options)) {
      if (Object.keys(choices).length === 0) fault(`options.${name}`, 'must have a choice');
    }
  }
  if (price.kind === 'tokens' && price.typicalOutputTokens > price.maxOutputTokens) {
    fault('typicalOutputTokens', 'must not exceed maxOutputTokens');
  }
  if (price.kind === 'open_ended') {
    if (price.baseCredits > price.ceilingCredits) fault('baseCredits', 'must not exceed ceilingCredits');
    if (price.typicalCredits > price.ceilingCredits) fault('typicalCredits', 'must not exceed ceilingCredits');
    if (Object.keys(price.meters).length > 8) fault('meters', 'must be at most 8');
    if (Object.hasOwn(price.meters, 'maxCredits')) fault('meters.maxCredits', 'is the name of the ceiling');
  }
  if (faults.length === 0 && highestOf(price) > MAX_QUANTITY) {
    faults.push({ path: at, message: `must never cost more than ${MAX_QUANTITY} credits` });
  }
  return faults;
};

/** A code stands for one tool id in stored holds, for ever: in no version does either get another partner. */
const codeFaults = (lists: readonly { readonly at: string; readonly tools: readonly Tool[] }[]): Fault[] => {
  const codeById = new Map<string, number>();
  const idByCode = new Map<number, string>();
  return lists.flatMap(({ at, tools }) =>
    tools.flatMap(({ id, code }, index) => {
      const path = `${at}[${index}].code`;
      const faults: Fault[] = [];
      const [had, owner] = [codeById.get(id) ?? code, idByCode.get(code) ?? id];
      if (had !== code) faults.push({ path, message: `must be ${had}, which stands for ${id}` });
      else if (owner !== id) faults.push({ path, message: `stands for ${owner}` });
      codeById.set(id, had);
      idByCode.set(code, owner);
      return faults;
    }),
  );
};

const versionFaults = ({ priceVersion, retired }: Catalog): Fault[] => {
  const versions = [priceVersion, ...retired.map((list) => list.priceVersion)];
  return retired.flatMap((list, index) =>
    versions.indexOf(list.priceVersion) <= index
      ? [{ path: `retired[${index}].priceVersion`, message: 'is there twice' }]
      : [],
  );
};

const repeatedIds = (at: string, items: readonly { readonly id: string }[]): Fault[] => {
  const ids = items.map(({ id }) => id);
  return ids.flatMap((id, index) =>
    ids.indexOf(id) < index ? [{ path: `${at}[${index}].id`, message: 'is there twice' }] : [],
  );
};
