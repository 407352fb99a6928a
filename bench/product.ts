import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { approve } from '../lambdas/approve/approve.ts';
import type { Dependencies } from '../lambdas/dependencies.ts';
import { estimate } from '../lambdas/estimate/estimate.ts';
import { fail } from '../lambdas/settle/fail.ts';
import { settle } from '../lambdas/settle/settle.ts';
import { grant } from '../lambdas/support/grant.ts';
import { plan } from '../lambdas/support/plan.ts';
import { catalog } from '../lib/catalog/catalog.ts';
import { isRefusal, type Refusal } from '../lib/domain/refusal.ts';
import { DAY_MS } from '../lib/domain/time.ts';
import type { Caller } from '../lib/http/command.ts';
import { accountKey } from '../lib/store/keys.ts';
import { openTable } from '../lib/store/table.ts';
import { createSigner } from '../lib/token/signer.ts';
import type { Own } from './engine.ts';

/** 2026-03-01T12:00:00Z: nothing happens by itself near it. */
export const NOON = Date.UTC(2026, 2, 1, 12);

/** An open-ended tool: its estimate is exactly the `maxCredits` asked for, from 1 to 300. */
const METERED = 'agent-research';
const AGENT: Caller = { sub: 'agent', scopes: ['credits/agent'] };
const SUPPORT: Caller = { sub: 'support', scopes: ['credits/support'] };

/** An answer that must not be a refusal. */
export const accepted = <T extends object>(answer: T | Refusal): T => {
  if (isRefusal(answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
};

interface Held {
  readonly runId: string;
  readonly receipt: string;
}

/** The doors' own logic on a table of its own, with a clock to set. */
export class Product {
  nowMs = NOON;
  #keys = 0;

  private constructor(readonly deps: Dependencies) {}

  static open({ client, table }: Own): Product {
    const secret = new TextEncoder().encode('a secret of the bench, at least 43 characters long');
    const product: Product = new Product({
      table: openTable(client, table, catalog),
      signer: createSigner(async () => [{ kid: 'bench', secret }]),
      catalog,
      now: () => product.nowMs,
    });
    return product;
  }

  /** An estimate of exactly so many credits, asked for by an agent. */
  async quote(accountId: string, credits: number): Promise<string> {
    const body = { tool: METERED, input: { maxCredits: credits }, accountId };
    const asked = { params: {}, query: {}, body, caller: AGENT, idempotencyKey: null };
    return accepted(await estimate(this.deps, asked)).estimateId;
  }

  /** The owner's approval. */
  approve(accountId: string, estimateId: string, holdSeconds = 3600) {
    const caller: Caller = { sub: accountId, scopes: ['credits/user'] };
    return approve(this.deps, {
      params: {},
      query: {},
      body: { estimateId, holdSeconds },
      caller,
      idempotencyKey: null,
    });
  }

  async hold(accountId: string, credits: number): Promise<Held> {
    return accepted(await this.approve(accountId, await this.quote(accountId, credits)));
  }

  async settle({ runId, receipt }: { runId: string; receipt?: string }, credits: number) {
    const body = { credits, ...(receipt === undefined ? {} : { receipt }) };
    return accepted(
      await settle(this.deps, { params: { runId }, query: {}, body, caller: AGENT, idempotencyKey: null }),
    );
  }

  async fail({ runId, receipt }: { runId: string; receipt?: string }) {
    const body = { reason: 'the model failed', ...(receipt === undefined ? {} : { receipt }) };
    return accepted(await fail(this.deps, { params: { runId }, query: {}, body, caller: AGENT, idempotencyKey: null }));
  }

  /** Puts an account on a plan, with promotional grants of 400 credits beside the plan's own that expire after them, a day apart. */
  async openAccount(accountId: string, planId: string, promotional = 0): Promise<void> {
    const asked = { params: { id: accountId }, query: {}, caller: SUPPORT };
    const assigned = { ...asked, body: { planId, reason: 'bench' }, idempotencyKey: null };
    accepted(await plan(this.deps, assigned));
    for (let at = 0; at < promotional; at++) {
      const expiresAt = new Date(this.nowMs + (40 + at) * DAY_MS).toISOString();
      const body = { credits: 400, reason: 'bench', expiresAt };
      accepted(await grant(this.deps, { ...asked, body, idempotencyKey: `grant-${++this.#keys}` }));
    }
  }

  /** The account's item as it lies in the table. */
  async item(accountId: string): Promise<Record<string, unknown>> {
    const { client, name } = this.deps.table;
    const { Item } = await client.send(
      new GetCommand({ TableName: name, Key: accountKey(accountId), ConsistentRead: true }),
    );
    if (Item === undefined) throw new Error(`${accountId} has no item`);
    return Item;
  }
}
