import { at, compareText, type Item } from './value.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A sparse index with the keys only: an item is in it while it has both, of these types. */
export interface IndexShape {
  readonly name: string;
  /** A string. */
  readonly hash: string;
  /** A number. */
  readonly range: string;
}

/** What a read sees. */
export interface View {
  readonly get: (key: Key) => Item | undefined;
  /** By sort key. */
  readonly partition: (pk: string) => readonly Item[];
  /** By the index's sort key, then by the item's key. */
  readonly indexed: (index: IndexShape, hash: string) => readonly Item[];
}

export interface Rows extends View {
  readonly write: (key: Key, item: Item | undefined) => void;
  readonly all: () => readonly Item[];
  /** Everything as it was so many writes ago, or as far back as is remembered. */
  readonly before: (writes: number) => View;
}

const idOf = (key: Key): string => `${key.pk}\n${key.sk}`;

export const textAt = (item: Item, name: string): string | null => {
  const value = at(item, name);
  return value !== undefined && 'S' in value ? value.S : null;
};

export const numberAt = (item: Item, name: string): number | null => {
  const value = at(item, name);
  return value !== undefined && 'N' in value ? Number(value.N) : null;
};

export const keyOfItem = (item: Item): Key => ({ pk: textAt(item, 'pk') ?? '', sk: textAt(item, 'sk') ?? '' });

const bySortKey = (a: Item, b: Item): number => compareText(textAt(a, 'sk') ?? '', textAt(b, 'sk') ?? '');

const byIndex =
  ({ range }: IndexShape) =>
  (a: Item, b: Item): number =>
    (numberAt(a, range) ?? 0) - (numberAt(b, range) ?? 0) ||
    compareText(textAt(a, 'pk') ?? '', textAt(b, 'pk') ?? '') ||
    bySortKey(a, b);

/** Where an item stands in an index; `null` where it does not. */
export const indexHash = (index: IndexShape, item: Item | undefined): string | null =>
  item === undefined || numberAt(item, index.range) === null ? null : textAt(item, index.hash);

interface Partition {
  readonly items: Map<string, Item>;
  sorted: readonly Item[] | null;
}

interface Written extends Key {
  readonly before: Item | undefined;
}

const REMEMBERED = 64;

/** The items of a table, and what its latest writes replaced. */
export const createRows = (indexes: readonly IndexShape[]): Rows => {
  const partitions = new Map<string, Partition>();
  const members = indexes.map((index) => ({ index, hashes: new Map<string, Map<string, Item>>() }));
  let written: Written[] = [];

  const get = ({ pk, sk }: Key): Item | undefined => partitions.get(pk)?.items.get(sk);

  const partition = (pk: string): readonly Item[] => {
    const found = partitions.get(pk);
    if (found === undefined) return [];
    found.sorted ??= [...found.items.values()].sort(bySortKey);
    return found.sorted;
  };

  const indexed = (index: IndexShape, hash: string): readonly Item[] => {
    const found = members.find((each) => each.index === index)?.hashes.get(hash);
    return found === undefined ? [] : [...found.values()].sort(byIndex(index));
  };

  const reindex = (key: Key, before: Item | undefined, item: Item | undefined): void => {
    for (const { index, hashes } of members) {
      const old = indexHash(index, before);
      const now = indexHash(index, item);
      if (old !== null && old !== now) hashes.get(old)?.delete(idOf(key));
      if (now === null || item === undefined) continue;
      const there = hashes.get(now);
      if (there === undefined) hashes.set(now, new Map([[idOf(key), item]]));
      else there.set(idOf(key), item);
    }
  };

  const write = (key: Key, item: Item | undefined): void => {
    const found = partitions.get(key.pk) ?? { items: new Map<string, Item>(), sorted: null };
    partitions.set(key.pk, found);
    const before = found.items.get(key.sk);
    if (item === undefined) found.items.delete(key.sk);
    else found.items.set(key.sk, item);
    found.sorted = null;
    reindex(key, before, item);
    written.push({ pk: key.pk, sk: key.sk, before });
    if (written.length >= 2 * REMEMBERED) written = written.slice(-REMEMBERED);
  };

  const before = (writes: number): View => {
    const past = new Map<string, Written>();
    const undone = writes === 0 ? [] : written.slice(-writes);
    for (const each of undone) if (!past.has(idOf(each))) past.set(idOf(each), each);
    const unchanged = (item: Item) => !past.has(idOf(keyOfItem(item)));
    const old = [...past.values()].map((each) => each.before).filter((item) => item !== undefined);
    return {
      get: (key) => {
        const known = past.get(idOf(key));
        return known === undefined ? get(key) : known.before;
      },
      partition: (pk) =>
        [...partition(pk).filter(unchanged), ...old.filter((item) => textAt(item, 'pk') === pk)].sort(bySortKey),
      indexed: (index, hash) =>
        [...indexed(index, hash).filter(unchanged), ...old.filter((item) => indexHash(index, item) === hash)].sort(
          byIndex(index),
        ),
    };
  };

  const all = (): readonly Item[] => [...partitions.values()].flatMap(({ items }) => [...items.values()]);
  return { get, partition, indexed, write, all, before };
};
