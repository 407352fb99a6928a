import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { setPreferences } from '../lambdas/account/preferences.ts';
import { approve } from '../lambdas/approve/approve.ts';
import type { Dependencies } from '../lambdas/dependencies.ts';
import { estimate } from '../lambdas/estimate/estimate.ts';
import { extend } from '../lambdas/settle/extend.ts';
import { fail } from '../lambdas/settle/fail.ts';
import { settle } from '../lambdas/settle/settle.ts';
import { grant } from '../lambdas/support/grant.ts';
import { plan } from '../lambdas/support/plan.ts';
import { refund } from '../lambdas/support/refund.ts';
import { catalog } from '../lib/catalog/catalog.ts';
import type { Account } from '../lib/domain/account.ts';
import { drift, type Entry, replay } from '../lib/domain/entry.ts';
import { isRefusal, type Refusal } from '../lib/domain/refusal.ts';
import type { RunRecord } from '../lib/domain/run-record.ts';
import type { Caller } from '../lib/http/command.ts';
import { readAccount, viewAccount } from '../lib/store/account-view.ts';
import { lineFromRow } from '../lib/store/history-row.ts';
import { historyPartition } from '../lib/store/keys.ts';
import { openTable } from '../lib/store/table.ts';
import { createSigner } from '../lib/token/signer.ts';
import { freshTable, testClient } from './fresh-table.ts';

/** 2026-03-01T12:00:00Z: nothing special happens near it. */
export const NOON = Date.UTC(2026, 2, 1, 12);

/** An open-ended tool: its estimate is exactly the `maxCredits` asked for, from 1 to 300. */
export const METERED = 'agent-research';

export const user = (sub: string): Caller => ({ sub, scopes: ['credits/user'] });
export const AGENT: Caller = { sub: 'agent-1', scopes: ['credits/agent'] };
export const SUPPORT: Caller = { sub: 'support-1', scopes: ['credits/support'] };

/** What a call answers when it must not be refused. */
export const granted = <T extends object>(answer: T | Refusal): T => {
  if (isRefusal(answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
};

/** The doors' logic on a table of its own, with a clock to set and one call for each thing actors do. */
export class World {
  nowMs = NOON;
  #keys = 0;
  readonly deps: Dependencies;

  private constructor(client: DynamoDBDocumentClient, tableName: string) {
    const secret = new TextEncoder().encode('a secret of the tests, at least 43 characters long');
    this.deps = {
      table: openTable(client, tableName, catalog),
      signer: createSigner(async () => [{ kid: 'test', secret }]),
      catalog,
      now: () => this.nowMs,
    };
  }

  static async open(client = testClient()): Promise<World> {
    return new World(client, await freshTable(client));
  }

  /** On a table that is there: one in memory, where thousands of writes would take an engine minutes. */
  static on(client: DynamoDBDocumentClient, tableName: string): World {
    return new World(client, tableName);
  }

  /** The same table through another client: one that fails on purpose, say. */
  through(client: DynamoDBDocumentClient): Dependencies {
    return { ...this.deps, table: openTable(client, this.deps.table.name, catalog) };
  }

  estimate(accountId: string, tool: string, input: Record<string, unknown>, caller: Caller = user(accountId)) {
    return estimate(this.deps, {
      params: {},
      query: {},
      body: { tool, input, accountId },
      caller,
      idempotencyKey: null,
    });
  }

  approve(accountId: string, estimateId: string, holdSeconds = 3600, caller: Caller = user(accountId)) {
    const body = { estimateId, holdSeconds };
    return approve(this.deps, { params: {}, query: {}, body, caller, idempotencyKey: null });
  }

  approveThrough(deps: Dependencies, accountId: string, estimateId: string) {
    const body = { estimateId, holdSeconds: 3600 };
    return approve(deps, { params: {}, query: {}, body, caller: user(accountId), idempotencyKey: null });
  }

  prefer(accountId: string, body: { autoApproveUpTo?: number | null; lowBalanceAt?: number | null }) {
    return setPreferences(this.deps, { params: {}, query: {}, body, caller: user(accountId), idempotencyKey: null });
  }

  /** An estimate of exactly so many credits. */
  async quote(accountId: string, credits: number, caller?: Caller): Promise<string> {
    const quoted = granted(await this.estimate(accountId, METERED, { maxCredits: credits }, caller));
    return quoted.estimateId;
  }

  /** Estimates and approves a run of so many credits. */
  async hold(accountId: string, credits: number, holdSeconds?: number) {
    return granted(await this.approve(accountId, await this.quote(accountId, credits), holdSeconds));
  }

  settle(runId: string, credits: number, receipt?: string, deps = this.deps) {
    const body = { credits, ...(receipt === undefined ? {} : { receipt }) };
    return settle(deps, { params: { runId }, query: {}, body, caller: AGENT, idempotencyKey: null });
  }

  fail(runId: string, reason = 'the model failed', receipt?: string, deps = this.deps) {
    const body = { reason, ...(receipt === undefined ? {} : { receipt }) };
    return fail(deps, { params: { runId }, query: {}, body, caller: AGENT, idempotencyKey: null });
  }

  extend(runId: string, seconds: number) {
    return extend(this.deps, { params: { runId }, query: {}, body: { seconds }, caller: AGENT, idempotencyKey: null });
  }

  grant(accountId: string, credits: number, expiresAt?: string, key = `grant-${++this.#keys}`, deps = this.deps) {
    const body = { credits, reason: 'test', ...(expiresAt === undefined ? {} : { expiresAt }) };
    return grant(deps, { params: { id: accountId }, query: {}, body, caller: SUPPORT, idempotencyKey: key });
  }

  plan(accountId: string, planId: string) {
    const body = { planId, reason: 'test' };
    return plan(this.deps, { params: { id: accountId }, query: {}, body, caller: SUPPORT, idempotencyKey: null });
  }

  refund(runId: string, reason: 'goodwill' | 'service_fault' | 'output_unsatisfactory' = 'goodwill') {
    return refund(this.deps, {
      params: { runId },
      query: {},
      body: { reason },
      caller: SUPPORT,
      idempotencyKey: null,
    });
  }

  /** The account as it was last written. */
  async stored(accountId: string): Promise<Account> {
    const account = await readAccount(this.deps.table, accountId);
    if (account === null) throw new Error('nobody has written the account');
    return account;
  }

  /** The account as it is now, whatever has been written of it. */
  async account(accountId: string): Promise<Account> {
    return (await viewAccount(this.deps.table, accountId, this.nowMs)).account;
  }

  /** All that is written of an account, oldest first. */
  async history(
    accountId: string,
  ): Promise<{ readonly entries: readonly Entry[]; readonly records: readonly RunRecord[] }> {
    const entries: Entry[] = [];
    const records: RunRecord[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const { Items, LastEvaluatedKey } = await this.deps.table.client.send(
        new QueryCommand({
          TableName: this.deps.table.name,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': historyPartition(accountId) },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      for (const item of Items ?? []) {
        const line = lineFromRow(item);
        if (line.line === 'run') records.push(line.record);
        else entries.push(line.entry);
      }
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return { entries, records };
  }

  /** I1–I3 and I5 of an account, from what is stored and what time adds; a sentence for each fault. */
  async faults(accountId: string): Promise<readonly string[]> {
    const view = await viewAccount(this.deps.table, accountId, this.nowMs);
    const { entries, records } = await this.history(accountId);
    return drift(view.account, replay([...entries, ...view.entries], [...records, ...view.lapsed]));
  }
}
