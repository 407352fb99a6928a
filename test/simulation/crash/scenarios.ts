import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/domain/time.ts';
import type { Deed, Ending, StripeDeed } from '../history/plan.ts';

/** One operation in one situation: what comes before it, the deed it is part of, and the operation that is killed at each place. */
export interface Scenario {
  readonly name: string;
  /** Each after so many milliseconds, once all before it have come to rest. */
  readonly before: readonly (readonly [afterMs: number, deed: Deed])[];
  readonly afterMs: number;
  readonly deed: Deed;
  readonly operation: string;
}

const account = 'ann';
const ending = (how: Ending['how'], more: Partial<Ending> = {}): Ending => {
  return { how, percent: 70, afterMs: 1000, fromDeadline: false, receipt: false, copies: 1, tries: 100, ...more };
};
const run = (endings: readonly Ending[] = [], more: Partial<Extract<Deed, { what: 'run' }>> = {}): Deed => {
  const usual = { by: 'user', credits: 10, holdSeconds: 3600, waitMs: 0, copies: 1, againMs: null } as const;
  return { what: 'run', account, ...usual, endings, ...more };
};
const stripe = (deed: StripeDeed, deliveries: readonly number[] = [0]): Deed => ({
  what: 'stripe',
  account,
  deed,
  deliveries,
});
const sweep = (dueFor: 'deadlines' | 'boundaries'): Deed => ({ what: 'sweep', dueFor, lateMs: 0, copies: 1 });

const opened = [0, { what: 'usage', account }] as const;
const settled = [0, run([ending('settle')])] as const;
const granted = [0, { what: 'grant', account, credits: 20, livesMs: 5 * DAY_MS, copies: 1 }] as const;
const pack = [0, stripe({ does: 'pack', pack: 0 })] as const;
const subscribed = [0, stripe({ does: 'subscribe', planId: 'starter' })] as const;
const rule = [0, { what: 'prefer', account, upTo: 50 }] as const;

const of = (operation: string, name: string, deed: Deed, before: Scenario['before'] = [], afterMs = 0): Scenario => {
  return { name, before, afterMs, deed, operation };
};

/** R11: a settle that comes after the lapse; with the hold still there, for no sweep has come. */
const late = ending('settle', { fromDeadline: true, afterMs: MINUTE_MS });
/** R15: the day ends under it, and with it the credits it draws on. */
const acrossMidnight = { afterMs: 14 * HOUR_MS };

/** Every operation that writes or reads, in every situation in which it does something else. */
export const SCENARIOS: readonly Scenario[] = [
  of('estimate', 'an estimate', run(), [opened]),
  of('approve', 'the first approval of an account', run()),
  of('approve', 'an approval in one write', run(), [opened]),
  of(
    'approve',
    'an approval after a midnight',
    run([], { waitMs: 14 * MINUTE_MS }),
    [opened, settled],
    12 * HOUR_MS - 5 * MINUTE_MS,
  ),
  of(
    'approve',
    'an approval that finds a lapsed hold',
    run([], { credits: 25 }),
    [opened, [0, run([], { credits: 30, holdSeconds: 1 })]],
    90_000,
  ),
  of('approve by rule', 'an approval under a standing rule', run([], { by: 'agent' }), [rule]),
  of('settle', 'a settle', run([ending('settle')]), [opened]),
  of('settle', 'a settle beyond what is held', run([ending('settle', { percent: 150 })]), [opened]),
  of('settle', 'a settle after the lapse', run([late], { holdSeconds: 60 }), [opened]),
  of('settle', 'a settle after midnight', run([ending('settle', acrossMidnight)], { holdSeconds: 86_400 }), [opened]),
  of('settle by receipt', 'a settle with its receipt', run([ending('settle', { receipt: true })]), [opened]),
  of(
    'settle by receipt',
    'a settle of promised credits that are over',
    run([ending('settle', { receipt: true, afterMs: 6 * HOUR_MS })], { credits: 45, holdSeconds: 86_400 }),
    [opened, [0, { what: 'grant', account, credits: 20, livesMs: HOUR_MS, copies: 1 }]],
  ),
  of('fail', 'a failure', run([ending('fail')]), [opened]),
  of('fail', 'a failure after midnight', run([ending('fail', acrossMidnight)], { holdSeconds: 86_400 }), [opened]),
  of('fail by receipt', 'a failure with its receipt', run([ending('fail', { receipt: true })]), [opened]),
  of('extend', 'an extension', run([ending('extend'), ending('settle', { afterMs: 5000 })]), [opened]),
  of('sweep', 'the sweep of deadlines', sweep('deadlines'), [opened, [0, run([], { holdSeconds: 60 })]], 2 * MINUTE_MS),
  of('sweep', 'the sweep of a midnight', sweep('boundaries'), [opened, settled], 13 * HOUR_MS),
  of(
    'sweep',
    'the sweep of an expiry',
    sweep('boundaries'),
    [granted, [0, run([ending('settle')], { credits: 50 })]],
    6 * DAY_MS,
  ),
  of('sweep', 'a sweep that finds nothing due', sweep('boundaries'), [opened]),
  of('usage', 'a list after a month', { what: 'usage', account }, [granted, settled], 32 * DAY_MS),
  of('balance', 'a balance', { what: 'balance', account }, [opened, [0, run()]]),
  of('prefer', 'a standing rule', rule[1], [opened]),
  of('grant', 'a grant', granted[1], [opened]),
  of('grant', 'a grant to an account nobody has written', granted[1]),
  of('plan', 'another plan', { what: 'plan', account, planId: 'pro', copies: 1 }, [opened]),
  of('refund', 'a refund of a run', { what: 'refund', pick: 0, copies: 1 }, [settled], HOUR_MS),
  of(
    'refund',
    'a refund of credits that are gone',
    { what: 'refund', pick: 0, copies: 1 },
    [granted, [0, run([ending('settle')], { credits: 50 })]],
    9 * DAY_MS,
  ),
  of('deliver pack_paid', 'a pack that is paid', pack[1]),
  of('deliver pack_paid', 'a pack heard of after it ended', stripe({ does: 'pack', pack: 0 }, [200 * DAY_MS]), [
    opened,
  ]),
  of('deliver refund', 'money of a pack going back', stripe({ does: 'refund', pick: 0, percent: 40, fails: false }), [
    pack,
    settled,
  ]),
  of(
    'deliver refund',
    'money going back that was never heard of',
    stripe({ does: 'refund', pick: 0, percent: 100, fails: false }),
    [[0, stripe({ does: 'pack', pack: 0 }, [])]],
  ),
  of('deliver charge_refunded', 'a charge’s total', stripe({ does: 'refund', pick: 0, percent: 40, fails: false }), [
    pack,
  ]),
  of('deliver dispute', 'a dispute', stripe({ does: 'dispute', pick: 0, percent: 100 }), [
    pack,
    [0, run([], { credits: 60 })],
  ]),
  of(
    'deliver dispute',
    'a dispute that is won',
    stripe({ does: 'close', pick: 0, won: true }),
    [pack, [0, stripe({ does: 'dispute', pick: 0, percent: 100 })]],
    HOUR_MS,
  ),
  of(
    'deliver dispute',
    'a dispute of a period that is lost',
    stripe({ does: 'close', pick: 0, won: false }),
    [subscribed, [0, stripe({ does: 'dispute', pick: 0, percent: 100 })]],
    HOUR_MS,
  ),
  of('deliver subscription', 'a subscription', subscribed[1]),
  of('deliver period_paid', 'the first period', subscribed[1]),
  of('deliver period_paid', 'an upgrade', stripe({ does: 'upgrade' }), [subscribed], HOUR_MS),
  of(
    'deliver period_paid',
    'a subscription beside a live one',
    stripe({ does: 'subscribe', planId: 'pro' }),
    [subscribed],
    HOUR_MS,
  ),
  of('deliver subscription', 'a cancellation', stripe({ does: 'cancel' }), [subscribed], HOUR_MS),
  of('deliver subscription', 'the end', stripe({ does: 'end' }), [subscribed], HOUR_MS),
  of('deliver period_paid', 'a renewal', { what: 'balance', account }, [subscribed], 32 * DAY_MS),
  of(
    'deliver payment_failed',
    'a renewal that is declined',
    { what: 'balance', account },
    [subscribed, [0, stripe({ does: 'declines' })]],
    32 * DAY_MS,
  ),
  of('order', 'a checkout’s order', pack[1], [opened]),
];
