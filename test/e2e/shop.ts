import { expect } from 'vitest';
import * as z from 'zod/mini';
import { createCheckout, getBilling } from '../../lib/http/contract/billing.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import type { Actor } from './actor.ts';
import { Api, DAY, HOUR, iso, MINUTE } from './api.ts';
import { faultsOf } from './invariants.ts';

type Item = { readonly planId: string } | { readonly packId: string };

const session = z.object({
  id: z.string(),
  status: z.string(),
  customer: z.string(),
  paymentIntentId: z.nullable(z.string()),
});
export type Session = z.infer<typeof session>;
const withId = z.object({ id: z.string() });
const redelivered = z.object({ statuses: z.array(z.int()) });
const events = z.object({
  events: z.array(z.object({ id: z.string(), type: z.string(), data: z.object({ object: z.looseObject({}) }) })),
});

/** A kind of line, its credits, and why: what a history tells, without its ids. */
export const told = (lines: Awaited<ReturnType<Api['history']>>): (readonly [string, number, string])[] =>
  lines.map(({ kind, credits, reason = '' }) => [kind, credits, reason] as const).reverse();

/** The customer's side of Stripe, by the stand-in's controls: nothing here is the system's own. */
export class Shop {
  private constructor(readonly api: Api) {}

  static async open(): Promise<Shop> {
    return new Shop(await Api.open());
  }

  async control(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const reply = await this.api.system.request(method, `/local/stripe/${path}`, body === undefined ? {} : { body });
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.body;
  }

  async pay(sessionId: string, outcome: 'paid' | 'declined' | 'paid_later' = 'paid'): Promise<Session> {
    return session.parse(await this.control('POST', `checkout/${sessionId}/pay`, { outcome }));
  }

  async buy(owner: Actor, item: Item): Promise<Session> {
    const { sessionId } = await owner.ok(createCheckout, { body: item });
    return this.pay(sessionId);
  }

  async refund(paymentIntentId: string | null, amount?: number): Promise<string> {
    const body = amount === undefined ? { paymentIntentId } : { paymentIntentId, amount };
    return withId.parse(await this.control('POST', 'refunds', body)).id;
  }

  async dispute(paymentIntentId: string | null): Promise<string> {
    return withId.parse(await this.control('POST', 'disputes', { paymentIntentId })).id;
  }

  async close(disputeId: string, outcome: 'won' | 'lost'): Promise<void> {
    await this.control('POST', `disputes/${disputeId}/close`, { outcome });
  }

  async nextPayment(customerId: string, nextPayment: 'succeeds' | 'fails'): Promise<void> {
    await this.control('PUT', `customers/${customerId}`, { nextPayment });
  }

  async webhooks(deliver: boolean): Promise<void> {
    await this.control('PUT', 'webhooks', { deliver });
  }

  async redeliver(how: {
    readonly times: number;
    readonly order: 'as_is' | 'reversed' | 'shuffled';
    readonly concurrently: boolean;
    readonly eventIds?: readonly string[];
  }): Promise<readonly number[]> {
    return redelivered.parse(await this.control('POST', 'webhooks/redeliver', how)).statuses;
  }

  async events() {
    return events.parse(await this.control('GET', 'events')).events;
  }

  /** An owner on a plan since now, a noon. */
  async subscriber(planId: string): Promise<{ owner: Actor; boughtMs: number; session: Session }> {
    const boughtMs = await this.api.nextNoon();
    const owner = await this.api.user();
    return { owner, boughtMs, session: await this.buy(owner, { planId }) };
  }

  /** Runs that cost so many credits in all, the soonest-ending first. */
  async spend(owner: Actor, credits: number): Promise<void> {
    const most = this.api.metered.maxCredits;
    for (let rest = credits; rest > 0; rest -= most) {
      const cost = Math.min(most, rest);
      const { runId } = await this.api.hold(owner, cost);
      await this.api.agent.ok(settleRun, { params: { runId }, body: { credits: cost } });
    }
  }

  /** What the day gives for nothing goes first; after this, what is bought. */
  async spendFree(owner: Actor): Promise<void> {
    await this.spend(owner, await this.left(owner, 'free'));
  }

  /** I1–I5, from what the API alone tells. */
  async isSound(owner: Actor): Promise<void> {
    expect(await faultsOf(this.api, owner)).toEqual([]);
  }

  billing(owner: Actor) {
    return owner.ok(getBilling);
  }

  /** What can be spent of one kind of credits now. */
  async left(owner: Actor, kind: string): Promise<number> {
    const { grants } = await this.api.balance(owner);
    return grants.filter((grant) => grant.kind === kind).reduce((sum, grant) => sum + grant.remaining, 0);
  }

  /** To the day's next reconciliation of everything, and past it. */
  async reconcile(): Promise<void> {
    const nowMs = await this.api.system.clock.now();
    const fromMs = Math.floor(nowMs / DAY) * DAY + 3 * HOUR + 50 * MINUTE;
    const body = { now: iso(fromMs > nowMs ? fromMs : fromMs + DAY), runSchedules: true };
    const { status, text } = await this.api.system.request('PUT', '/local/clock', { body });
    if (status !== 200) throw new Error(text);
  }
}
