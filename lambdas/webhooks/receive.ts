import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Applied } from '../../lib/payments/payment-deps.ts';
import { factsOfEvent } from '../../lib/stripe/event-facts.ts';
import { UnknownShape } from '../../lib/stripe/stripe-shape.ts';
import type { Verified, VerifyWebhook } from '../../lib/stripe/verify-webhook.ts';

export interface Receiving {
  readonly verify: VerifyWebhook;
  /** Acts on one fact, once however often it is told; what it throws is our own failure. */
  readonly apply: (fact: PaymentFact) => Promise<Applied>;
  readonly now: () => number;
  /** Credits here are for real money: what Stripe's test mode tells counts for nothing. */
  readonly liveOnly: boolean;
}

type Event = Exclude<Verified, string>;
type Level = 'INFO' | 'WARN' | 'ERROR';

const REFUSED = {
  not_signed: invalid('stripe-signature', 'is not a signature of this body'),
  no_event: invalid('$', 'is not an event'),
} as const;

const log = (level: Level, line: Readonly<Record<string, unknown>>): void => {
  const text = JSON.stringify({ level, ...line });
  if (level === 'INFO') console.log(text);
  else console.error(text);
};

/** One line for each event, with nothing of what is in it. */
const noteEvent = ({ id, type, created }: Event, nowMs: number, outcome: readonly string[], level: Level): void =>
  log(level, { webhook: 'received', id, type, outcome, lagSeconds: Math.floor(nowMs / SECOND_MS) - created });

const factsOrFaults = (event: Event): { readonly told: readonly PaymentFact[] } | Refusal => {
  try {
    return { told: factsOfEvent(event) };
  } catch (fault) {
    if (!(fault instanceof UnknownShape)) throw fault;
    const { id, type } = event;
    log('ERROR', { webhook: 'refused', why: 'unknown_shape', id, type, faults: fault.faults });
    return { refused: 'validation_failed', faults: fault.faults };
  }
};

/** One after the other: an event's facts are of one account. The first that fails ends it; with the next delivery all are told again. */
const applyAll = async ({ apply, now }: Receiving, event: Event, facts: readonly PaymentFact[]): Promise<void> => {
  const outcome: (Applied | 'failed')[] = [];
  try {
    for (const fact of facts) outcome.push(await apply(fact));
  } catch (fault) {
    noteEvent(event, now(), [...outcome, 'failed'], 'ERROR');
    throw fault;
  }
  noteEvent(event, now(), outcome, outcome.includes('mismatch') ? 'ERROR' : 'INFO');
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
    log('WARN', { webhook: 'refused', why: event });
    return REFUSED[event];
  }
  if (deps.liveOnly && !event.livemode) {
    noteEvent(event, deps.now(), ['test_mode'], 'WARN');
    return { received: true };
  }
  const facts = factsOrFaults(event);
  if (isRefusal(facts)) return facts;
  await applyAll(deps, event, facts.told);
  return { received: true };
};
