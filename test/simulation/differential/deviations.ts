import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../memory-table/value.ts';
import { type Deed, inOrder, type Outcome } from './stores.ts';

type Item = Readonly<Record<string, unknown>>;

interface Deviation {
  readonly what: string;
  /** `items`: what the memory table has now. */
  readonly deviates: (deed: Deed, engine: Outcome, memory: Outcome, items: readonly Item[]) => boolean;
}

const isThere = (Key: Item | undefined, item: Item): boolean =>
  Key?.['pk'] === item['pk'] && Key?.['sk'] === item['sk'];

/** Where paths of the random requests lead through. */
const hasNullOnPath = ({ m, l }: Item): boolean => m === null || l === null || (isObject(m) && m['l'] === null);

const withoutAttributes = ({ answered }: Outcome): unknown => {
  if (!isObject(answered)) return answered;
  const { Attributes: _, ...rest } = answered;
  return rest;
};

/**
 * Where the engine is known not to do as DynamoDB documents, the memory table does. Each is pinned by a test beside this comparison.
 * Others the random requests leave out, because the two tables would differ from then on: a list set beyond its end, and a sort
 * key's beginning in another case of letters.
 */
const DEVIATIONS: readonly Deviation[] = [
  {
    what: 'an update that makes its item answers ALL_OLD with the key: there is nothing old to answer with',
    deviates: (deed, engine, memory) =>
      deed.what === 'update' &&
      deed.input.ReturnValues === 'ALL_OLD' &&
      isObject(engine.answered) &&
      isObject(memory.answered) &&
      memory.answered['Attributes'] === undefined &&
      isDeepStrictEqual(engine.answered['Attributes'], inOrder(deed.input.Key)) &&
      isDeepStrictEqual(withoutAttributes(engine), withoutAttributes(memory)),
  },
  {
    what: 'an expression of a transaction that is wrong whatever the item fails with the item, not with the request',
    deviates: (deed, engine, memory) =>
      deed.what === 'transact-write' &&
      engine.refused?.name === 'TransactionCanceledException' &&
      memory.refused?.name === 'ValidationException',
  },
  {
    what: 'a path leads through a null, as though an empty map or list stood there',
    deviates: (deed, engine, memory, items) =>
      deed.what === 'update' &&
      engine.answered !== undefined &&
      memory.refused?.name === 'ValidationException' &&
      items.some((item) => isThere(deed.input.Key, item) && hasNullOnPath(item)),
  },
  {
    what: 'such an expression is not looked at where the item cannot meet it',
    deviates: (deed, engine, memory) =>
      deed.what === 'transact-write' && engine.answered !== undefined && memory.refused?.name === 'ValidationException',
  },
  {
    what: 'an empty string for an index key fails the request; which of the two DynamoDB does is documented nowhere',
    deviates: (deed, engine, memory) =>
      deed.what === 'transact-write' &&
      JSON.stringify(inOrder(deed.input)).includes(':""') &&
      engine.refused?.name === 'ValidationException' &&
      memory.refused?.name === 'TransactionCanceledException',
  },
];

/** Why two stores may differ about a request; `null` where they do not, or may not. */
export const deviationOf = (deed: Deed, engine: Outcome, memory: Outcome, items: readonly Item[]): string | null =>
  DEVIATIONS.find((each) => each.deviates(deed, engine, memory, items))?.what ?? null;
