import { changedAt, checkOverlap, type Path, projected, valueAt } from './document.ts';
import { givenValue, resolvePath, type Scope } from './operand.ts';
import { invalid, invalidForItem } from './refused.ts';
import type { Action, SetValue, Sum, Term } from './update.ts';
import { type Item, textOfNumber, typeOf, type Value, type ValueType } from './value.ts';

const MISSING = 'The provided expression refers to an attribute that does not exist in the item';
const WRONG_TYPE = 'An operand in the update expression has an incorrect data type';

const termValue = (term: Term, item: Item, scope: Scope): Value => {
  switch (term.kind) {
    case 'given':
      return givenValue(term, scope);
    case 'path': {
      const value = valueAt(item, resolvePath(term.path, scope));
      if (value === undefined) throw invalidForItem(MISSING);
      return value;
    }
    case 'if-not-exists':
      return valueAt(item, resolvePath(term.path, scope)) ?? termValue(term.otherwise, item, scope);
    case 'list-append': {
      const [left, right] = [termValue(term.left, item, scope), termValue(term.right, item, scope)];
      if (!('L' in left && 'L' in right)) throw invalidForItem(WRONG_TYPE);
      return { L: [...left.L, ...right.L] };
    }
  }
};

const added = (left: Value, right: Value, sign: 1 | -1): Value => {
  if (!('N' in left && 'N' in right)) throw invalidForItem(WRONG_TYPE);
  return { N: textOfNumber(Number(left.N) + sign * Number(right.N)) };
};

const setValue = (to: SetValue, item: Item, scope: Scope): Value => {
  if (to.kind !== 'sum') return termValue(to, item, scope);
  return added(termValue(to.left, item, scope), termValue(to.right, item, scope), to.sign);
};

const union = (old: Value | undefined, more: Value): Value => {
  if (old === undefined) return more;
  if ('N' in old && 'N' in more) return added(old, more, 1);
  if ('SS' in old && 'SS' in more) return { SS: [...new Set([...old.SS, ...more.SS])] };
  if ('NS' in old && 'NS' in more) return { NS: [...new Set([...old.NS, ...more.NS])] };
  throw invalidForItem(WRONG_TYPE);
};

/** A set that loses its last member is gone. */
const difference = (old: Value | undefined, less: Value): Value | undefined => {
  if (old === undefined) return undefined;
  if ('SS' in old && 'SS' in less) {
    const SS = old.SS.filter((each) => !less.SS.includes(each));
    return SS.length === 0 ? undefined : { SS };
  }
  if ('NS' in old && 'NS' in less) {
    const NS = old.NS.filter((each) => !less.NS.includes(each));
    return NS.length === 0 ? undefined : { NS };
  }
  throw invalidForItem(WRONG_TYPE);
};

const lastPlace = (path: Path): number => Number(path.at(-1));

/** Every right side is of the item as it was; then what is set, then what is removed, the last place of a list first. */
export const applyUpdate = (actions: readonly Action[], old: Item, scope: Scope): Item => {
  const sets: { readonly path: Path; readonly value: Value }[] = [];
  const removes: Path[] = [];
  let item = old;
  for (const action of actions) {
    const path = resolvePath(action.path, scope);
    if (action.kind === 'set') sets.push({ path, value: setValue(action.to, old, scope) });
    else if (action.kind === 'remove') removes.push(path);
    else {
      const given = givenValue(action.given, scope);
      item = changedAt(item, path, (value) => (action.kind === 'add' ? union(value, given) : difference(value, given)));
    }
  }
  // Places beyond a list's end are taken up in their order.
  if (sets.some(({ path }) => path.length > 1))
    sets.sort((a, b) => (lastPlace(a.path) || 0) - (lastPlace(b.path) || 0));
  for (const { path, value } of sets) item = changedAt(item, path, () => value);
  if (removes.some((path) => path.length > 1)) removes.sort((a, b) => (lastPlace(b) || 0) - (lastPlace(a) || 0));
  for (const path of removes) item = changedAt(item, path, () => undefined);
  return item;
};

const knownType = (term: Term, scope: Scope): ValueType | null => {
  if (term.kind === 'given') return typeOf(givenValue(term, scope));
  return term.kind === 'list-append' ? 'L' : null;
};

const checkTypes = (operator: string, terms: readonly Term[], allowed: readonly ValueType[], scope: Scope): void => {
  for (const term of terms) {
    const type = knownType(term, scope);
    if (type !== null && !allowed.includes(type))
      throw invalid(`Invalid UpdateExpression: Incorrect operand type for operator or function; ${operator}, ${type}`);
  }
};

const checkTerm = (term: Term, scope: Scope): void => {
  if (term.kind === 'if-not-exists') checkTerm(term.otherwise, scope);
  if (term.kind !== 'list-append') return;
  checkTypes('list_append', [term.left, term.right], ['L'], scope);
  checkTerm(term.left, scope);
  checkTerm(term.right, scope);
};

const checkSum = ({ left, right, sign }: Sum, scope: Scope): void => {
  checkTypes(sign > 0 ? '+' : '-', [left, right], ['N'], scope);
  checkTerm(left, scope);
  checkTerm(right, scope);
};

const checkAction = (action: Action, scope: Scope): void => {
  if (action.kind === 'add') checkTypes('ADD', [action.given], ['N', 'SS', 'NS'], scope);
  if (action.kind === 'delete') checkTypes('DELETE', [action.given], ['SS', 'NS'], scope);
  if (action.kind !== 'set') return;
  if (action.to.kind === 'sum') checkSum(action.to, scope);
  else checkTerm(action.to, scope);
};

/** Refuses what is wrong whatever the item: paths that overlap, a key's attribute, operands of a type that cannot be. */
export const checkUpdate = (actions: readonly Action[], keyNames: readonly string[], scope: Scope): void => {
  for (const action of actions) checkAction(action, scope);
  const paths = actions.map((action) => resolvePath(action.path, scope));
  checkOverlap(paths);
  for (const [name] of paths) {
    if (keyNames.includes(name))
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${name}. It is part of the key`,
      );
  }
};

/** What `UPDATED_OLD` and `UPDATED_NEW` show of an item. */
export const touchedOf = (actions: readonly Action[], item: Item, scope: Scope): Item =>
  projected(
    item,
    actions.map((action) => resolvePath(action.path, scope)),
  );
