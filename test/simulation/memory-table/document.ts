import { invalid, invalidForItem } from './refused.ts';
import { at, type Item, type Value } from './value.ts';

/** An attribute's name, then names and places of what is nested in it. */
export type Path = readonly [string, ...(string | number)[]];

const step = (value: Value, key: string | number): Value | undefined => {
  if (typeof key === 'number') return 'L' in value ? value.L[key] : undefined;
  return 'M' in value ? at(value.M, key) : undefined;
};

/** What stands at a path; `undefined` where nothing does. */
export const valueAt = (item: Item, path: Path): Value | undefined => {
  let value = at(item, path[0]);
  for (let depth = 1; depth < path.length && value !== undefined; depth++) {
    const key = path[depth];
    if (key !== undefined) value = step(value, key);
  }
  return value;
};

const INVALID_PATH = 'The document path provided in the update expression is invalid for update';

const inside = (parent: Value | undefined, path: Path, depth: number, next: Change): Value => {
  const key = path[depth];
  if (key === undefined || parent === undefined) throw invalidForItem(INVALID_PATH);
  const last = depth === path.length - 1;
  const child = step(parent, key);
  const changed = last ? next(child) : inside(child, path, depth + 1, next);
  if (typeof key === 'string') {
    if (!('M' in parent)) throw invalidForItem(INVALID_PATH);
    return { M: withName(parent.M, key, changed) };
  }
  if (!('L' in parent)) throw invalidForItem(INVALID_PATH);
  if (changed === undefined) return { L: parent.L.filter((_, place) => place !== key) };
  // A place beyond the end is the end.
  return key < parent.L.length ? { L: parent.L.with(key, changed) } : { L: [...parent.L, changed] };
};

type Change = (value: Value | undefined) => Value | undefined;

const withName = (item: Item, name: string, value: Value | undefined): Item => {
  if (value !== undefined) return { ...item, [name]: value };
  const { [name]: _, ...rest } = item;
  return rest;
};

/** The item with what `next` makes of the value at a path, `undefined` being nothing. Its parent must be there, and be what the path says. */
export const changedAt = (item: Item, path: Path, next: Change): Item => {
  const [name] = path;
  const old = at(item, name);
  return withName(item, name, path.length === 1 ? next(old) : inside(old, path, 1, next));
};

/** Refuses paths of which one is within another, or that take one value for both a map and a list. */
export const checkOverlap = (paths: readonly Path[]): void => {
  for (let one = 0; one < paths.length; one++) {
    for (let other = one + 1; other < paths.length; other++) {
      const [a, b] = [paths[one], paths[other]];
      if (a === undefined || b === undefined) continue;
      let depth = 0;
      while (depth < a.length && depth < b.length && a[depth] === b[depth]) depth++;
      if (depth === a.length || depth === b.length)
        throw invalid('Invalid expression: Two document paths overlap with each other');
      if (depth > 0 && typeof a[depth] !== typeof b[depth])
        throw invalid('Invalid expression: Two document paths conflict with each other');
    }
  }
};

interface Branch {
  value: Value | null;
  readonly children: Map<string | number, Branch>;
}

const pruned = (branch: Branch): Value => {
  if (branch.value !== null) return branch.value;
  const children = [...branch.children];
  if (children.some(([key]) => typeof key === 'number')) {
    const inOrder = children.sort(([a], [b]) => Number(a) - Number(b));
    return { L: inOrder.map(([, child]) => pruned(child)) };
  }
  return { M: Object.fromEntries(children.map(([key, child]) => [String(key), pruned(child)])) };
};

/** Only what stands at these paths, nested as in the item; lists close up. */
export const projected = (item: Item, paths: readonly Path[]): Item => {
  const root: Branch = { value: null, children: new Map() };
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value === undefined) continue;
    let branch = root;
    for (const key of path) {
      const child = branch.children.get(key) ?? { value: null, children: new Map() };
      branch.children.set(key, child);
      branch = child;
    }
    branch.value = value;
  }
  const kept = pruned(root);
  return 'M' in kept ? kept.M : {};
};
