import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import { pick } from '../random.ts';
import { type Figure, type Random, runOf, spend, sweep, upTo } from './figure.ts';
import type { AccountId, Deed, StripeDeed } from './plan.ts';

const soon = (random: Random): readonly number[] =>
  pick(random, [[0], [0], [0], [5, 0], [50], [2 * SECOND_MS, 0, 0], [MINUTE_MS], []] as const);

const stripe = (random: Random, account: AccountId, deed: StripeDeed): Deed => ({
  what: 'stripe',
  account,
  deed,
  deliveries: soon(random),
});

const goesBack = (random: Random): StripeDeed =>
  pick<StripeDeed>(random, [
    { does: 'refund', pick: Math.floor(random() * 2), percent: pick(random, [10, 50, 100] as const), fails: false },
    { does: 'refund', pick: Math.floor(random() * 2), percent: pick(random, [40, 100] as const), fails: true },
    { does: 'dispute', pick: Math.floor(random() * 2), percent: pick(random, [50, 100] as const) },
    { does: 'dispute', pick: Math.floor(random() * 2), percent: 100 },
  ]);

const closes = (random: Random): StripeDeed => ({
  does: 'close',
  pick: Math.floor(random() * 2),
  won: random() < 0.6,
});

/** A run on bought credits, beyond the free ones. */
const draws = (random: Random, account: AccountId): Deed =>
  runOf(random, account, pick(random, [20, 300] as const), {
    endings:
      random() < 0.3
        ? []
        : [
            {
              how: pick(random, ['fail', 'settle', 'settle'] as const),
              percent: pick(random, [0, 30, 100] as const),
              fromDeadline: false,
              afterMs: pick(random, [5 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS] as const),
              receipt: random() < 0.5,
              copies: 1,
              tries: 100,
            },
          ],
  });

/** Money of packs goes back and comes back while credits of theirs are held, spent, released. */
export const moneyGoesBack = (random: Random, account: AccountId): Figure => {
  const packs = Array.from({ length: upTo(random, 2) }, () => stripe(random, account, { does: 'pack', pack: 0 }));
  const some = (make: () => Deed) => Array.from({ length: upTo(random, 2) }, make);
  return {
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: SECOND_MS }, deeds: [spend(account), ...packs] },
      { gap: { ms: 20 * SECOND_MS }, deeds: some(() => draws(random, account)) },
      { gap: { ms: 10 * SECOND_MS }, deeds: some(() => stripe(random, account, goesBack(random))) },
      {
        gap: { ms: pick(random, [SECOND_MS, 2 * MINUTE_MS, HOUR_MS] as const) },
        deeds: some(() => (random() < 0.7 ? stripe(random, account, closes(random)) : draws(random, account))),
      },
      {
        gap: { ms: pick(random, [SECOND_MS, HOUR_MS] as const) },
        deeds: some(() => stripe(random, account, random() < 0.6 ? goesBack(random) : closes(random))),
      },
    ],
  };
};

/** A subscription over some months: renewed, declined, ended, upgraded, its money going back; credits are held across its ends. */
export const monthsPass = (random: Random, account: AccountId): Figure => {
  const planId = pick(random, ['starter', 'starter', 'pro', 'pro-yearly'] as const);
  const turns = (): Deed =>
    stripe(
      random,
      account,
      pick<() => StripeDeed>(random, [
        () => ({ does: pick(random, ['upgrade', 'cancel', 'declines', 'end'] as const) }),
        () => ({ does: pick(random, ['upgrade', 'cancel', 'declines', 'resume'] as const) }),
        // Beside a live one, or after one that was ended before its time.
        () => ({ does: 'subscribe', planId }),
        () => goesBack(random),
      ])(),
    );
  const meets = (): Deed =>
    pick<() => Deed>(random, [
      () => draws(random, account),
      () => draws(random, account),
      () => sweep('boundaries'),
      () => ({ what: 'balance', account }),
      turns,
    ])();
  const month = () => ({
    gap:
      random() < 0.5
        ? { end: Math.floor(random() * 4), offMs: pick(random, [-1, 0, 1, HOUR_MS, 4 * HOUR_MS] as const) }
        : { ms: pick(random, [DAY_MS, 20 * DAY_MS, 33 * DAY_MS] as const) },
    deeds: Array.from({ length: upTo(random, 2) }, meets),
  });
  return {
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: SECOND_MS }, deeds: [stripe(random, account, { does: 'subscribe', planId })] },
      { gap: { ms: 30 * SECOND_MS }, deeds: [draws(random, account), turns()] },
      ...Array.from({ length: 1 + upTo(random, 2) }, month),
    ],
  };
};

/** A renewal is declined, and Stripe gives up on it or is paid after all; meanwhile, and after, it is cancelled, or another is bought. */
export const renewalFails = (random: Random, account: AccountId): Figure => {
  const planId = pick(random, ['starter', 'pro'] as const);
  const turns = (): Deed =>
    pick<() => Deed>(random, [
      () => stripe(random, account, { does: pick(random, ['resume', 'resume', 'cancel', 'end'] as const) }),
      () => stripe(random, account, { does: 'subscribe', planId }),
      () => stripe(random, account, goesBack(random)),
      () => draws(random, account),
      () => ({ what: 'reconcile' }),
    ])();
  const some = (): readonly Deed[] => Array.from({ length: upTo(random, 2) }, turns);
  return {
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: SECOND_MS }, deeds: [stripe(random, account, { does: 'subscribe', planId })] },
      { gap: { ms: MINUTE_MS }, deeds: [stripe(random, account, { does: 'declines' })] },
      { gap: { ms: 31 * DAY_MS }, deeds: [draws(random, account)] },
      { gap: { ms: pick(random, [2 * HOUR_MS, DAY_MS, 4 * DAY_MS] as const) }, deeds: some() },
      { gap: { ms: pick(random, [HOUR_MS, 4 * DAY_MS, 20 * DAY_MS] as const) }, deeds: some() },
      { gap: { ms: pick(random, [HOUR_MS, 5 * DAY_MS, 33 * DAY_MS] as const) }, deeds: some() },
    ],
  };
};
