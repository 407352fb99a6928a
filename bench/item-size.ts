import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

/**
 * Sizes of items as DynamoDB bills them, by its published rules:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const WRITE_UNIT_BYTES = 1024;

const utf8 = (text: string): number => Buffer.byteLength(text, 'utf8');
const total = (sizes: readonly number[]): number => sizes.reduce((sum, each) => sum + each, 0);

/** 3 bytes for the container, 1 for each element. */
const nested = (sizes: readonly number[]): number => 3 + total(sizes.map((size) => size + 1));

/** A byte for two significant digits, zeroes at both ends trimmed, and one more; another for a minus. */
const numberBytes = (text: string): number => {
  const digits = text.replace(/^-/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
};

const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined)
    return nested(Object.entries(value.M).map(([name, each]) => utf8(name) + valueBytes(each)));
  if (value.L !== undefined) return nested(value.L.map(valueBytes));
  // The page says nothing of sets; counted as a list, which errs on the high side.
  if (value.SS !== undefined) return nested(value.SS.map(utf8));
  if (value.NS !== undefined) return nested(value.NS.map(numberBytes));
  if (value.BS !== undefined) return nested(value.BS.map((each) => each.length));
  return 1;
};

export const marshalledBytes = (item: Readonly<Record<string, AttributeValue>>): number =>
  total(Object.entries(item).map(([name, value]) => utf8(name) + valueBytes(value)));

/** Bytes of an item as the document client reads and writes it. */
export const itemBytes = (item: Readonly<Record<string, unknown>>): number =>
  marshalledBytes(marshall(item, { removeUndefinedValues: true }));

/** Write units of one standard write whose larger image has so many bytes. */
export const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
