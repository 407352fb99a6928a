import type { Item } from './value.ts';

export type RefusalType =
  | 'ValidationException'
  | 'ConditionalCheckFailedException'
  | 'TransactionCanceledException'
  | 'TransactionConflictException'
  | 'ResourceNotFoundException'
  | 'IdempotentParameterMismatchException'
  | 'ProvisionedThroughputExceededException'
  | 'ThrottlingException'
  | 'InternalServerError';

export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

/** A no as DynamoDB says it. */
export interface Refusal {
  readonly type: RefusalType;
  readonly message: string;
  /** What the failed condition saw, where `ALL_OLD` was asked for. */
  readonly item?: Item;
  /** One for each item of the transaction, in the order of the request. */
  readonly reasons?: readonly CancellationReason[];
}

/** Carries a refusal out of wherever it is found. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export const invalid = (message: string): Refused => new Refused({ type: 'ValidationException', message });

/** Found only once an item was at hand: DynamoDB lets a transaction fail with it as one item's reason. */
export class RefusedByItem extends Refused {}

export const invalidForItem = (message: string): RefusedByItem =>
  new RefusedByItem({ type: 'ValidationException', message });

/** DynamoDB would answer; the memory table cannot, and says so rather than answer something else. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown';
  constructor(what: string) {
    super(`the memory table does not know ${what}`);
  }
}
