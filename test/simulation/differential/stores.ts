import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  DeleteCommand,
  type DeleteCommandInput,
  type DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  TransactGetCommand,
  type TransactGetCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { isObject } from '../memory-table/value.ts';

export type Deed =
  | { readonly what: 'get'; readonly input: GetCommandInput }
  | { readonly what: 'batch-get'; readonly input: BatchGetCommandInput }
  | { readonly what: 'put'; readonly input: PutCommandInput }
  | { readonly what: 'update'; readonly input: UpdateCommandInput }
  | { readonly what: 'delete'; readonly input: DeleteCommandInput }
  | { readonly what: 'query'; readonly input: QueryCommandInput }
  | { readonly what: 'transact-write'; readonly input: TransactWriteCommandInput }
  | { readonly what: 'transact-get'; readonly input: TransactGetCommandInput };

export const send = (client: DynamoDBDocumentClient, deed: Deed): Promise<object> => {
  switch (deed.what) {
    case 'get':
      return client.send(new GetCommand(deed.input));
    case 'batch-get':
      return client.send(new BatchGetCommand(deed.input));
    case 'put':
      return client.send(new PutCommand(deed.input));
    case 'update':
      return client.send(new UpdateCommand(deed.input));
    case 'delete':
      return client.send(new DeleteCommand(deed.input));
    case 'query':
      return client.send(new QueryCommand(deed.input));
    case 'transact-write':
      return client.send(new TransactWriteCommand(deed.input));
    case 'transact-get':
      return client.send(new TransactGetCommand(deed.input));
  }
};

/** Sets and the names of an object in one order, whatever order they came in. */
export const inOrder = (value: unknown): unknown => {
  if (value instanceof Set) return { set: [...value].map(String).sort() };
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return Object.fromEntries(names.sort().map((name) => [name, inOrder(value[name])]));
};

const byText = (items: unknown): unknown =>
  Array.isArray(items) ? items.map(inOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;

/** A batch's items come in any order. */
const answer = (what: Deed['what'], output: object): unknown => {
  const { $metadata: _, ...rest }: { readonly [name: string]: unknown } = { ...output };
  if (what !== 'batch-get' || !isObject(rest['Responses'])) return inOrder(rest);
  const responses = Object.entries(rest['Responses']).map(([name, items]) => [name, byText(items)]);
  return inOrder({ ...rest, Responses: Object.fromEntries(responses) });
};

export interface Refused {
  readonly name: string;
  /** The SDK's class. */
  readonly class: string;
  /** What a failed condition handed back. */
  readonly item?: unknown;
  readonly reasons?: unknown;
}

const itemOf = (item: Parameters<typeof unmarshall>[0] | undefined): unknown =>
  item === undefined || Object.keys(item).length === 0 ? null : inOrder(unmarshall(item));

const refusal = (fault: unknown): Refused => {
  if (!(fault instanceof DynamoDBServiceException)) throw fault;
  const said = { name: fault.name, class: fault.constructor.name };
  if (fault instanceof ConditionalCheckFailedException) return { ...said, item: itemOf(fault.Item) };
  if (!(fault instanceof TransactionCanceledException)) return said;
  const reasons = (fault.CancellationReasons ?? []).map(({ Code, Item }) => ({ code: Code, item: itemOf(Item) }));
  return { ...said, reasons };
};

export interface Outcome {
  /** Without the SDK's metadata. */
  readonly answered?: unknown;
  readonly refused?: Refused;
}

/** What becomes of a request, fit for comparison. */
export const outcomeOf = async (what: Deed['what'], answers: () => Promise<object>): Promise<Outcome> => {
  try {
    return { answered: answer(what, await answers()) };
  } catch (fault) {
    return { refused: refusal(fault) };
  }
};

/** All items of a table, in one order. */
export const contentsOf = (items: readonly Readonly<Record<string, unknown>>[]): unknown => byText(items);
