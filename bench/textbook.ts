import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Own } from './engine.ts';

/**
 * The design this one is compared with, done well: an account item with its balance, an item for each run that is also its line of
 * history, and one two-item transaction for each step, so that the two can never differ.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export interface TextbookRun {
  readonly accountId: string;
  readonly runId: string;
  readonly credits: number;
}

const accountItem = z.object({ balance: z.int(), held: z.int(), runs: z.int(), ver: z.int() });
export type TextbookAccount = z.infer<typeof accountItem>;

/**
 * What guards the account in a hold. `version`: read-modify-write on `ver`, which a split over several grants needs.
 * `balance`: only that there is enough, which serves where there is a single balance.
 */
export type Guard = 'version' | 'balance';

export type Outcome = 'done' | 'conflict' | 'insufficient';

export class Textbook {
  constructor(
    private readonly own: Own,
    private readonly guard: Guard,
  ) {}

  #accountKey = (accountId: string) => ({ pk: `A#${accountId}`, sk: 'A' });
  #runKey = ({ accountId, runId }: TextbookRun) => ({ pk: `H#${accountId}`, sk: runId });

  async openAccount(accountId: string, balance: number): Promise<void> {
    const Item = { ...this.#accountKey(accountId), balance, held: 0, runs: 0, ver: 1, plan: 'pro' };
    await this.own.client.send(new PutCommand({ TableName: this.own.table, Item }));
  }

  /** One read: what its estimate is made from, and what a hold's guard compares with. */
  async read(accountId: string): Promise<TextbookAccount> {
    const Key = this.#accountKey(accountId);
    const { Item } = await this.own.client.send(
      new GetCommand({ TableName: this.own.table, Key, ConsistentRead: true }),
    );
    return accountItem.parse(Item);
  }

  /** One transaction of two items: the balance goes down, the run begins. */
  hold(seen: TextbookAccount, run: TextbookRun, nowMs: number): Promise<Outcome> {
    if (seen.balance < run.credits) return Promise.resolve('insufficient');
    const versioned = this.guard === 'version';
    return this.#commit([
      {
        Update: {
          TableName: this.own.table,
          Key: this.#accountKey(run.accountId),
          UpdateExpression:
            'SET balance = balance - :credits, held = held + :credits, runs = runs + :one, ver = ver + :one',
          ConditionExpression: versioned ? 'ver = :seen AND balance >= :credits' : 'balance >= :credits',
          ExpressionAttributeValues: {
            ':credits': run.credits,
            ':one': 1,
            ...(versioned ? { ':seen': seen.ver } : {}),
          },
        },
      },
      {
        Put: {
          TableName: this.own.table,
          Item: { ...this.#runKey(run), ...run, status: 'held', approvedBy: run.accountId, approvedAtMs: nowMs },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ]);
  }

  /** One transaction of two items: what is left goes back, the run ends. */
  settle(run: TextbookRun, charged: number, nowMs: number): Promise<Outcome> {
    return this.#commit([
      {
        Update: {
          TableName: this.own.table,
          Key: this.#accountKey(run.accountId),
          UpdateExpression: 'SET balance = balance + :released, held = held - :credits, ver = ver + :one',
          ConditionExpression: 'held >= :credits',
          ExpressionAttributeValues: { ':released': run.credits - charged, ':credits': run.credits, ':one': 1 },
        },
      },
      {
        Update: {
          TableName: this.own.table,
          Key: this.#runKey(run),
          UpdateExpression: 'SET #status = :settled, charged = :charged, endedAtMs = :now',
          ConditionExpression: '#status = :held',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':settled': 'settled', ':held': 'held', ':charged': charged, ':now': nowMs },
        },
      },
    ]);
  }

  async #commit(
    TransactItems: ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems'],
  ): Promise<Outcome> {
    try {
      await this.own.client.send(new TransactWriteCommand({ TransactItems }));
      return 'done';
    } catch (fault) {
      if (fault instanceof TransactionCanceledException) return 'conflict';
      throw fault;
    }
  }
}
