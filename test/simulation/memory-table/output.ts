import type { Item } from './value.ts';

export interface Found {
  readonly Item?: Item;
}

/** By table, of a batch; in the order of the request, of a transaction. */
export type Responses = Readonly<Record<string, readonly Item[]>> | readonly Found[];

export interface Capacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
  readonly Table?: { readonly CapacityUnits: number };
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits: number }>>;
}

/** What DynamoDB answers, on the wire. */
export interface Output {
  readonly Item?: Item;
  readonly Attributes?: Item;
  readonly Items?: readonly Item[];
  readonly Count?: number;
  readonly ScannedCount?: number;
  readonly LastEvaluatedKey?: Item;
  readonly Responses?: Responses;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys: readonly Item[] }>>;
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
}
