import type * as z from 'zod/mini';
import { accepted } from '../../client/credits-client.ts';
import type { paths } from '../../client/schema.d.ts';
import type { listUsage } from '../../lib/http/contract/account.ts';
import type { createRun } from '../../lib/http/contract/approve.ts';
import type { getPricing } from '../../lib/http/contract/pricing.ts';
import { Actor } from './actor.ts';
import { type CheckedSystem, startChecked } from './contract-check.ts';
import type { SystemOptions } from './harness.ts';

export type Pricing = z.infer<typeof getPricing.reply>;
export type Run = z.infer<typeof createRun.reply>;
export type Entry = z.infer<typeof listUsage.reply>['entries'][number];

type UsageQuery = NonNullable<paths['/v1/usage']['get']['parameters']['query']>;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const iso = (ms: number): string => new Date(ms).toISOString();

/** A system with its actors, and the short cuts that most tests take. Every answer is checked against the contract. */
export class Api {
  schedules: 'on' | 'off' = 'off';
  #accounts = 0;
  #keys = 0;

  private constructor(
    readonly system: CheckedSystem,
    readonly pricing: Pricing,
    readonly agent: Actor,
    readonly support: Actor,
  ) {}

  static async open(options?: SystemOptions): Promise<Api> {
    return Api.of(await startChecked(options));
  }

  static async of(system: CheckedSystem): Promise<Api> {
    const actor = async (sub: string, scope: string) => new Actor(system, sub, await system.token(sub, [scope]));
    const agent = await actor('agent-1', 'credits/agent');
    const pricing = accepted(await agent.credits.GET('/v1/pricing'));
    return new Api(system, pricing, agent, await actor('support-1', 'credits/support'));
  }

  /** The owner of an account; of a new one, where none is named. */
  async user(sub = `user-${++this.#accounts}`): Promise<Actor> {
    return this.actor(sub, ['credits/user']);
  }

  async actor(sub: string, scopes: readonly string[]): Promise<Actor> {
    return new Actor(this.system, sub, await this.system.token(sub, scopes));
  }

  /** The plan every account begins on. */
  get free(): Pricing['plans'][number] {
    const plan = this.pricing.plans.find(({ id }) => id === 'free');
    if (plan === undefined) throw new Error('there is no free plan');
    return plan;
  }

  /** An open-ended tool: its estimate is the `maxCredits` asked for. */
  get metered(): Pricing['tools'][number] {
    const tools = this.pricing.tools.filter(({ pricing }) => pricing.kind === 'open_ended');
    const dearest = tools.sort((a, b) => b.maxCredits - a.maxCredits)[0];
    if (dearest === undefined) throw new Error('there is no open-ended tool');
    return dearest;
  }

  /** An estimate of exactly so many credits, by the owner. */
  async quote(owner: Actor, credits: number, asker = owner) {
    const body = { tool: this.metered.id, input: { maxCredits: credits }, accountId: owner.sub };
    return accepted(await asker.credits.POST('/v1/estimates', { body }));
  }

  /** Estimates and approves a run of so many credits. */
  async hold(owner: Actor, credits: number, holdSeconds?: number): Promise<Run> {
    const { estimateId } = await this.quote(owner, credits);
    const body = { estimateId, ...(holdSeconds === undefined ? {} : { holdSeconds }) };
    return accepted(await owner.credits.POST('/v1/runs', { body }));
  }

  /** Promotional credits by support; until far away, where no instant is named. */
  async promote(owner: Actor, credits: number, expiresAtMs?: number) {
    const expiry = expiresAtMs === undefined ? {} : { expiresAt: iso(expiresAtMs) };
    const answer = await this.support.credits.POST('/v1/support/accounts/{id}/grants', {
      params: { path: { id: owner.sub }, header: { 'Idempotency-Key': `promotion-${++this.#keys}` } },
      body: { credits, reason: 'welcome', ...expiry },
    });
    return accepted(answer).grant;
  }

  async balance(owner: Actor) {
    return accepted(await owner.credits.GET('/v1/balance'));
  }

  /** All lines of an account's history, newest first, in as many pages as it takes. */
  async history(owner: Actor, query: UsageQuery = {}): Promise<Entry[]> {
    const lines: Entry[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await owner.credits.GET('/v1/usage', {
        params: { query: { limit: '100', ...query, ...(cursor === undefined ? {} : { cursor }) } },
      });
      const { entries, nextCursor } = accepted(page);
      lines.push(...entries);
      cursor = nextCursor;
    }
    return lines;
  }

  /** Moves the clock to 12:00 of the next day, UTC, and leaves it there: whatever a test did before, this is another day. */
  async nextNoon(): Promise<number> {
    const nowMs = await this.system.clock.now();
    return this.at((Math.floor(nowMs / DAY) + 1) * DAY + 12 * HOUR);
  }

  /** Moves the clock. No schedule fires, unless `schedules` says so: what is true at an instant must not need one (I6). */
  async at(ms: number): Promise<number> {
    const body = { now: iso(ms), runSchedules: this.schedules === 'on' };
    const { status, text } = await this.system.request('PUT', '/local/clock', { body });
    if (status !== 200) throw new Error(`the clock does not move: ${text}`);
    return ms;
  }

  stop(): Promise<void> {
    return this.system.stop();
  }
}
