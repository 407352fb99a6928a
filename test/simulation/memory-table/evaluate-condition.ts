import type { Comparator, Condition } from './condition.ts';
import { valueAt } from './document.ts';
import { givenValue, type Operand, resolvePath, type Scope } from './operand.ts';
import { invalid } from './refused.ts';
import { compare, type Item, same, typeOf, type Value } from './value.ts';

const sizeOf = (value: Value): Value | undefined => {
  if ('S' in value) return { N: String(Buffer.byteLength(value.S)) };
  if ('M' in value) return { N: String(Object.keys(value.M).length) };
  if ('L' in value) return { N: String(value.L.length) };
  if ('SS' in value) return { N: String(value.SS.length) };
  if ('NS' in value) return { N: String(value.NS.length) };
  return undefined;
};

const operandValue = (operand: Operand, item: Item, scope: Scope): Value | undefined => {
  if (operand.kind === 'given') return givenValue(operand, scope);
  const value = valueAt(item, resolvePath(operand.path, scope));
  return operand.kind === 'size' && value !== undefined ? sizeOf(value) : value;
};

const IN_ORDER: Readonly<Record<Exclude<Comparator, '=' | '<>'>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const compares = (how: Comparator, left: Value | undefined, right: Value | undefined): boolean => {
  // What is not there is unequal to everything, and neither less nor more.
  const both = left !== undefined && right !== undefined;
  if (how === '=') return both && same(left, right);
  if (how === '<>') return !(both && same(left, right));
  const order = both ? compare(left, right) : null;
  return order !== null && IN_ORDER[how](order);
};

const contains = (value: Value, what: Value): boolean => {
  if ('S' in value) return 'S' in what && value.S.includes(what.S);
  if ('SS' in value) return 'S' in what && value.SS.includes(what.S);
  if ('NS' in value) return 'N' in what && value.NS.includes(what.N);
  return 'L' in value && value.L.some((each) => same(each, what));
};

const beginsWith = (value: Value, what: Value): boolean => 'S' in value && 'S' in what && value.S.startsWith(what.S);

/** Whether an item, an empty one where there is none, meets a condition. `checkCondition` must have let it pass. */
export const holds = (condition: Condition, item: Item, scope: Scope): boolean => {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, scope) && holds(condition.right, item, scope);
    case 'or':
      return holds(condition.left, item, scope) || holds(condition.right, item, scope);
    case 'not':
      return !holds(condition.of, item, scope);
    case 'compare':
      return compares(
        condition.how,
        operandValue(condition.left, item, scope),
        operandValue(condition.right, item, scope),
      );
    case 'between': {
      const value = operandValue(condition.of, item, scope);
      return (
        compares('>=', value, operandValue(condition.low, item, scope)) &&
        compares('<=', value, operandValue(condition.high, item, scope))
      );
    }
    case 'in': {
      const value = operandValue(condition.of, item, scope);
      return condition.list.some((each) => compares('=', value, operandValue(each, item, scope)));
    }
    case 'exists':
      return (valueAt(item, resolvePath(condition.path, scope)) !== undefined) === condition.wanted;
    case 'type': {
      const value = valueAt(item, resolvePath(condition.path, scope));
      return value !== undefined && same(givenValue(condition.type, scope), { S: typeOf(value) });
    }
    case 'begins':
    case 'contains': {
      const value = operandValue(condition.of, item, scope);
      const what = operandValue(condition.what, item, scope);
      if (value === undefined || what === undefined) return false;
      return condition.kind === 'begins' ? beginsWith(value, what) : contains(value, what);
    }
  }
};

const TYPES = new Set(['S', 'SS', 'N', 'NS', 'B', 'BS', 'BOOL', 'NULL', 'L', 'M']);

const wrongType = (operator: string, type: string): Error =>
  invalid(`Invalid expression: Incorrect operand type for operator or function; operator: ${operator}, type: ${type}`);

const knownType = (operand: Operand, scope: Scope): string | null =>
  operand.kind === 'given' ? typeOf(givenValue(operand, scope)) : operand.kind === 'size' ? 'N' : null;

const checkOrdered = (operator: string, operand: Operand, scope: Scope): void => {
  const type = knownType(operand, scope);
  if (type !== null && type !== 'S' && type !== 'N') throw wrongType(operator, type);
};

const checkDistinct = (operator: string, left: Operand, right: Operand, scope: Scope): void => {
  if (left.kind !== 'path' || right.kind !== 'path') return;
  const [one, other] = [left, right].map((each) => JSON.stringify(resolvePath(each.path, scope)));
  if (one === other)
    throw invalid(`Invalid expression: The first operand must be distinct from the remaining operands; ${operator}`);
};

const checkBounds = (low: Operand, high: Operand, scope: Scope): void => {
  if (low.kind !== 'given' || high.kind !== 'given') return;
  const [from, to] = [givenValue(low, scope), givenValue(high, scope)];
  const order = compare(from, to);
  if (order === null) throw invalid('The BETWEEN operator requires same data type for lower and upper bounds');
  if (order > 0) throw invalid('The BETWEEN operator requires upper bound to be greater than or equal to lower bound');
};

/** Refuses what is wrong whatever the item: operands of a type the operator does not take. */
export const checkCondition = (condition: Condition, scope: Scope): void => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkCondition(condition.left, scope);
      checkCondition(condition.right, scope);
      return;
    case 'not':
      checkCondition(condition.of, scope);
      return;
    case 'compare':
      checkDistinct(condition.how, condition.left, condition.right, scope);
      if (condition.how === '=' || condition.how === '<>') return;
      checkOrdered(condition.how, condition.left, scope);
      checkOrdered(condition.how, condition.right, scope);
      return;
    case 'between':
      for (const each of [condition.of, condition.low, condition.high]) checkOrdered('BETWEEN', each, scope);
      checkBounds(condition.low, condition.high, scope);
      return;
    case 'type': {
      const type = givenValue(condition.type, scope);
      if (!('S' in type)) throw wrongType('attribute_type', typeOf(type));
      if (!TYPES.has(type.S)) throw invalid(`Invalid expression: Invalid attribute type name found; type: ${type.S}`);
      return;
    }
    case 'begins':
      checkDistinct('begins_with', condition.of, condition.what, scope);
      for (const each of [condition.of, condition.what]) {
        const type = knownType(each, scope);
        if (type !== null && type !== 'S') throw wrongType('begins_with', type);
      }
      return;
    case 'contains':
      checkDistinct('contains', condition.of, condition.what, scope);
      return;
    case 'in':
    case 'exists':
  }
};
