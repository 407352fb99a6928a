import * as z from 'zod/mini';
import type { CheckedSystem } from '../../test/e2e/contract-check.ts';
import { operationAt } from '../../test/e2e/contract-document.ts';
import type { Reply } from '../../test/e2e/harness.ts';

const withCode = z.looseObject({ code: z.string() });
const MOST_BREACHES = 50;

/** What a sound system may refuse under this load; any other refusal is a breach. */
const EXPECTED = new Set([
  'approval_required',
  'insufficient_credits',
  'daily_run_limit_reached',
  'estimate_expired',
  'hold_expired',
  'run_already_settled',
  'run_already_failed',
  'run_already_expired',
  'already_subscribed',
  'no_subscription',
  'subscription_past_due',
  'subscription_ending',
  'payment_declined',
]);

export interface Call {
  /** Since the load began. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly answer: string;
}

/** What was asked and answered while the load ran, and everything that must not happen. */
export class Tally {
  readonly calls = new Map<string, Call[]>();
  readonly breaches: string[] = [];
  #breaches = 0;
  #begunMs = performance.now();

  get breachCount(): number {
    return this.#breaches;
  }

  get fiveHundreds(): number {
    return [...this.calls.values()].flat().filter(({ answer }) => answer.startsWith('5')).length;
  }

  breach(what: string): void {
    this.#breaches++;
    if (this.breaches.length < MOST_BREACHES) this.breaches.push(what);
  }

  note(route: string, { status, text, body }: Reply, tookMs: number): void {
    const code = status < 400 ? undefined : withCode.safeParse(body).data?.code;
    const answer = code === undefined ? String(status) : `${status} ${code}`;
    const calls = this.calls.get(route) ?? [];
    this.calls.set(route, calls);
    calls.push({ atMs: performance.now() - this.#begunMs, tookMs, answer });
    if (status >= 400 && !EXPECTED.has(code ?? ''))
      this.breach(`${route}: ${status} after ${tookMs.toFixed(0)} ms, ${text.slice(0, 300)}`);
  }

  /** A system whose API calls are noted here; one that breaks the contract, or gets no answer, is a breach. */
  around(system: CheckedSystem): CheckedSystem {
    return {
      ...system,
      get url() {
        return system.url;
      },
      request: async (method, path, options) => {
        const begunMs = performance.now();
        const route = operationAt(system.contract, method, path.replace(/\?.*$/s, ''))?.path;
        try {
          const reply = await system.request(method, path, options);
          if (route !== undefined) this.note(`${method} ${route}`, reply, performance.now() - begunMs);
          return reply;
        } catch (fault) {
          this.breach(String(fault));
          throw fault;
        }
      },
    };
  }
}
