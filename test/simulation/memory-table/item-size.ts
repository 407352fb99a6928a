import type { Item, Value } from './value.ts';

/** ASCII nearly always. */
const textBytes = (text: string): number => {
  for (let place = 0; place < text.length; place++) if (text.charCodeAt(place) > 127) return Buffer.byteLength(text);
  return text.length;
};

/** A byte for two significant digits and one more; another for a minus. */
const numberBytes = (text: string): number => {
  const minus = text.charCodeAt(0) === 45 ? 1 : 0;
  let end = text.length;
  while (end > minus && text.charCodeAt(end - 1) === 48) end--;
  return Math.ceil((end - minus) / 2) + 1 + minus;
};

const valueBytes = (value: Value): number => {
  if ('N' in value) return numberBytes(value.N);
  if ('S' in value) return textBytes(value.S);
  if ('M' in value) {
    let bytes = 3;
    for (const name in value.M) {
      const each = value.M[name];
      if (each !== undefined) bytes += textBytes(name) + valueBytes(each) + 1;
    }
    return bytes;
  }
  if ('L' in value) return value.L.reduce((sum, each) => sum + valueBytes(each) + 1, 3);
  if ('SS' in value) return value.SS.reduce((sum, each) => sum + textBytes(each), 0);
  if ('NS' in value) return value.NS.reduce((sum, each) => sum + numberBytes(each), 0);
  return 1;
};

/**
 * Bytes of an item as DynamoDB counts them:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemBytes = (item: Item): number => {
  let bytes = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) bytes += textBytes(name) + valueBytes(value);
  }
  return bytes;
};

export const MAX_ITEM_BYTES = 400 * 1024;
