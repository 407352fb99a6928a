import { marshalledEach, nativeItem as native } from './marshalling.ts';
import type { Operation } from './memory-table.ts';
import type { Found, Output, Responses } from './output.ts';
import { NotKnown } from './refused.ts';
import type { Request } from './request.ts';
import { isObject } from './value.ts';

/** Attributes as the document client marshalls them. */
const attributes = (raw: unknown): unknown => (isObject(raw) ? marshalledEach(raw) : raw);

const MARSHALLED = ['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey'];

const fields = (raw: unknown): Request => {
  if (!isObject(raw)) throw new NotKnown('such a request');
  const out: Record<string, unknown> = { ...raw };
  for (const name of MARSHALLED) if (out[name] !== undefined) out[name] = attributes(out[name]);
  return out;
};

/** The fields of each of an object's own objects. */
const nested = (raw: unknown): Request =>
  Object.fromEntries(Object.entries(isObject(raw) ? raw : {}).map(([name, each]) => [name, fields(each)]));

const batch = (raw: unknown): Request => {
  const wanted = fields(raw);
  return Array.isArray(wanted['Keys']) ? { ...wanted, Keys: wanted['Keys'].map(attributes) } : wanted;
};

/** A document command's input as the table takes it. */
export const requestOf = (operation: Operation, input: object): Request => {
  const request: Request = { ...input };
  if (operation === 'BatchGetItem') {
    const tables = isObject(request['RequestItems']) ? Object.entries(request['RequestItems']) : [];
    return { ...request, RequestItems: Object.fromEntries(tables.map(([name, wanted]) => [name, batch(wanted)])) };
  }
  const { TransactItems: items } = request;
  return Array.isArray(items) ? { ...request, TransactItems: items.map(nested) } : fields(request);
};

const responses = (found: Responses): unknown => {
  if (isList(found)) return found.map(({ Item }) => (Item === undefined ? {} : { Item: native(Item) }));
  return Object.fromEntries(Object.entries(found).map(([name, items]) => [name, items.map(native)]));
};

const isList = (found: Responses): found is readonly Found[] => Array.isArray(found);

const unprocessed = (left: NonNullable<Output['UnprocessedKeys']>): unknown =>
  Object.fromEntries(Object.entries(left).map(([name, rest]) => [name, { ...rest, Keys: rest.Keys.map(native) }]));

/** The table's output as the document command answers it. */
export const nativeOutput = (output: Output): Record<string, unknown> => {
  const out: Record<string, unknown> = { ...output };
  if (output.Item !== undefined) out['Item'] = native(output.Item);
  if (output.Attributes !== undefined) out['Attributes'] = native(output.Attributes);
  if (output.LastEvaluatedKey !== undefined) out['LastEvaluatedKey'] = native(output.LastEvaluatedKey);
  if (output.Items !== undefined) out['Items'] = output.Items.map(native);
  if (output.Responses !== undefined) out['Responses'] = responses(output.Responses);
  if (output.UnprocessedKeys !== undefined) out['UnprocessedKeys'] = unprocessed(output.UnprocessedKeys);
  return out;
};
