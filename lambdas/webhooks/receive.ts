import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Applied } from '../../lib/payments/payment-deps.ts';
import { UnknownShape } from '../../lib/stripe/stripe-shape.ts';
import type { Verified, VerifyWebhook } from '../../lib/stripe/verify-webhook.ts';
import type { MetricName } from '../../lib/telemetry/metric-names.ts';
import type { Telemetry } from '../../lib/telemetry/telemetry.ts';

type Event = Exclude<Verified, string>;

export interface Receiving {
  readonly verify: VerifyWebhook;
  /** What an event tells. Throws `UnknownShape`; what else it throws is that Stripe, asked for the rest of it, has not answered. */
  readonly read: (event: Event) => Promise<readonly PaymentFact[]>;
  /** Acts on one fact, once however often it is told; what it throws is our own failure. */
  readonly apply: (fact: PaymentFact) => Promise<Applied>;
  readonly now: () => number;
  /** Credits here are for real money: what Stripe's test mode tells counts for nothing. */
  readonly liveOnly: boolean;
  readonly telemetry: Telemetry;
}

type Outcome = Applied | 'failed' | 'test_mode';

const REFUSED = {
  not_signed: invalid('stripe-signature', 'is not a signature of this body'),
  no_event: invalid('$', 'is not an event'),
} as const;

const COUNTED: Readonly<Record<Outcome, MetricName>> = {
  applied: 'WebhookApplied',
  known: 'WebhookKnown',
  ignored: 'WebhookIgnored',
  test_mode: 'WebhookIgnored',
  mismatch: 'WebhookMismatch',
  undone: 'WebhookUndone',
  failed: 'WebhookFailed',
};

/** One line for each event, with nothing of what is in it, and what became of each of its facts. */
const noteEvent = ({ telemetry, now }: Receiving, { id, type, created }: Event, outcome: readonly Outcome[]): void => {
  const lagSeconds = Math.floor(now() / SECOND_MS) - created;
  const level = outcome.some((one) => one === 'failed' || one === 'mismatch') ? 'error' : 'info';
  telemetry[outcome.includes('test_mode') ? 'warn' : level]('webhook received', { id, type, outcome, lagSeconds });
  const names = outcome.map((one) => COUNTED[one]);
  const counts = names.map((name) => [name, names.filter((other) => other === name).length] as const);
  telemetry.count({ ...Object.fromEntries(counts), WebhookLagSeconds: Math.max(0, lagSeconds) });
};

const factsOrFaults = async (
  deps: Receiving,
  event: Event,
): Promise<{ readonly told: readonly PaymentFact[] } | Refusal> => {
  try {
    return { told: await deps.read(event) };
  } catch (fault) {
    if (!(fault instanceof UnknownShape)) {
      noteEvent(deps, event, ['failed']);
      throw fault;
    }
    const { id, type } = event;
    deps.telemetry.error('webhook refused', { why: 'unknown_shape', id, type, faults: fault.faults });
    deps.telemetry.count({ WebhookUnreadable: 1 });
    return { refused: 'validation_failed', faults: fault.faults };
  }
};

/** One after the other: an event's facts are of one account. The first that fails ends it; with the next delivery all are told again. */
const applyAll = async (deps: Receiving, event: Event, facts: readonly PaymentFact[]): Promise<void> => {
  const outcome: Outcome[] = [];
  try {
    for (const fact of facts) outcome.push(await deps.apply(fact));
  } catch (fault) {
    noteEvent(deps, event, [...outcome, 'failed']);
    throw fault;
  }
  noteEvent(deps, event, outcome);
};

/**
 * R17: takes a delivery of Stripe's. Refuses with `validation_failed` what is not signed, not an event, or of a type that matters and not as
 * this API version has it: the last is no fault of ours in the moment, but Stripe sends again whatever is not answered with 2xx, for three
 * days, and the log says ERROR. What is of no interest is received and left alone.
 */
export const receive = async (
  deps: Receiving,
  raw: Buffer,
  signature: string | undefined,
): Promise<{ readonly received: true } | Refusal> => {
  const event = await deps.verify(raw, signature);
  if (event === 'not_signed' || event === 'no_event') {
    deps.telemetry.warn('webhook refused', { why: event });
    deps.telemetry.count(event === 'not_signed' ? { WebhookUnsigned: 1 } : { WebhookUnreadable: 1 });
    return REFUSED[event];
  }
  if (deps.liveOnly && !event.livemode) {
    noteEvent(deps, event, ['test_mode']);
    return { received: true };
  }
  const facts = await factsOrFaults(deps, event);
  if (isRefusal(facts)) return facts;
  await applyAll(deps, event, facts.told);
  return { received: true };
};
