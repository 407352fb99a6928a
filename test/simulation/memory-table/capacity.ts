import { itemBytes } from './item-size.ts';
import type { Capacity } from './output.ts';
import { type Request, type TableShape, wordIn } from './request.ts';
import { type IndexShape, indexHash } from './rows.ts';
import { at, type Item, same } from './value.ts';

/** Units by where they were consumed; index units are part of none but their index. */
export interface Consumed {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

const WRITE_BYTES = 1024;
const READ_BYTES = 4096;

const sizes = new WeakMap<Item, number>();

/** An item's bytes, counted once. */
export const sizeOfItem = (item: Item | undefined): number => {
  if (item === undefined) return 0;
  const known = sizes.get(item);
  if (known !== undefined) return known;
  const bytes = itemBytes(item);
  sizes.set(item, bytes);
  return bytes;
};

const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_BYTES));

/** What an index that holds the keys only shows of an item. */
export const entryOf = ({ hash, range }: Pick<IndexShape, 'hash' | 'range'>, item: Item): Item => {
  const entry: Record<string, Item[string]> = {};
  for (const name of ['pk', 'sk', hash, range]) {
    const value = at(item, name);
    if (value !== undefined) entry[name] = value;
  }
  return entry;
};

/** An entry that moves is a delete and a put; one that stays costs nothing. */
const indexUnits = (index: IndexShape, old: Item | undefined, item: Item | undefined): number => {
  const entries = [old, item].flatMap((each) =>
    each !== undefined && indexHash(index, each) !== null ? [entryOf(index, each)] : [],
  );
  const [one, other] = entries;
  if (one !== undefined && other !== undefined && same({ M: one }, { M: other })) return 0;
  return entries.reduce((sum, entry) => sum + writeUnits(itemBytes(entry)), 0);
};

/** A unit for each 1 KB of the larger image, and what the indexes cost. */
export const writeConsumed = (shape: TableShape, old: Item | undefined, item: Item | undefined): Consumed => ({
  table: writeUnits(Math.max(sizeOfItem(old), sizeOfItem(item))),
  indexes: Object.fromEntries(
    shape.indexes.map((index) => [index.name, indexUnits(index, old, item)] as const).filter(([, units]) => units > 0),
  ),
});

/** A unit for each 4 KB, at least one; half of it where the read need not be consistent. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5);

export const sumOf = (all: readonly Consumed[]): Consumed => {
  const indexes: Record<string, number> = {};
  for (const each of all) {
    for (const [name, units] of Object.entries(each.indexes)) indexes[name] = (indexes[name] ?? 0) + units;
  }
  return { table: all.reduce((sum, each) => sum + each.table, 0), indexes };
};

export const wantsCapacity = (request: Request): 'NONE' | 'TOTAL' | 'INDEXES' =>
  wordIn(request, 'ReturnConsumedCapacity', ['NONE', 'TOTAL', 'INDEXES']);

/** What a transaction costs: the table twice, the indexes, which are written afterwards, once. */
export const inTransaction = ({ table, indexes }: Consumed): Consumed => ({ table: 2 * table, indexes });

/** `ConsumedCapacity` as asked for; `null` where it was not. A transaction's says as well what kind of units they are. */
export const shownCapacity = (
  request: Request,
  shape: TableShape,
  consumed: () => Consumed,
  kind: 'ReadCapacityUnits' | 'WriteCapacityUnits' | null = null,
): Capacity | null => {
  const wanted = wantsCapacity(request);
  if (wanted === 'NONE') return null;
  const { table, indexes } = consumed();
  const shown = (CapacityUnits: number) => ({ CapacityUnits, ...(kind === null ? {} : { [kind]: CapacityUnits }) });
  const total = {
    TableName: shape.name,
    ...shown(Object.values(indexes).reduce((sum, each) => sum + each, table)),
  };
  if (wanted === 'TOTAL') return total;
  const named = Object.entries(indexes).map(([name, units]) => [name, shown(units)]);
  return {
    ...total,
    Table: shown(table),
    ...(named.length === 0 ? {} : { GlobalSecondaryIndexes: Object.fromEntries(named) }),
  };
};
