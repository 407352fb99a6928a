import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import { pick } from '../random.ts';
import { type Figure, perhapsSlow, type Random, type Run, runOf, SLOW, spend, sweep, upTo } from './figure.ts';
import { moneyGoesBack, monthsPass, renewalFails } from './payment-figures.ts';
import type { AccountId, Deed } from './plan.ts';

/** A run whose deadline is aimed at an end, or a little after it; what ends it comes at the end. */
const aimedRun = (random: Random, account: AccountId): Run => {
  const offMs = pick(random, [0, 0, 0, -1, 1, SECOND_MS, MINUTE_MS] as const);
  const early = offMs >= SECOND_MS ? -offMs : 0;
  const ending = {
    how: pick(random, ['fail', 'fail', 'settle', 'extend'] as const),
    percent: pick(random, [0, 30, 100] as const),
    fromDeadline: true,
    afterMs: early + pick(random, [-120, -60, -25, -8, -2, -1, 0, 1] as const),
    receipt: random() < 0.3,
    copies: 1,
    tries: 100,
  } as const;
  return runOf(random, account, 20, {
    aim: { end: Math.floor(random() * 3), offMs },
    endings: offMs < SECOND_MS && random() < 0.5 ? [] : [ending],
  });
};

/** Runs end, lapse and are looked for in the very millisecond in which credits they draw on, or the day, end too. */
const togetherAtAnEnd = (random: Random, account: AccountId): Figure => {
  const livesMs = pick(random, [HOUR_MS, HOUR_MS, 3 * HOUR_MS, 20 * HOUR_MS, 5 * DAY_MS] as const);
  const grant: Deed = { what: 'grant', account, credits: 20 + upTo(random, 20), livesMs, copies: 1 };
  const meets = (): Deed =>
    pick<() => Deed>(random, [
      () => runOf(random, account, 5),
      () => runOf(random, account, 5),
      () => sweep('boundaries'),
      () => sweep('deadlines'),
      () => ({ what: 'balance', account }),
    ])();
  return {
    ...perhapsSlow(random),
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: 5 * SECOND_MS }, deeds: random() < 0.6 ? [spend(account), grant] : [grant] },
      {
        gap: { ms: 20 * SECOND_MS },
        deeds: Array.from({ length: upTo(random, 3) }, () => aimedRun(random, account)),
      },
      {
        gap: { end: Math.floor(random() * 3), offMs: pick(random, [-60, -20, -5, -1, 0, 1, 5] as const) },
        deeds: Array.from({ length: upTo(random, 3) }, meets),
      },
    ],
  };
};

/** What ends a run is under way when its deadline passes, and others look at the account just then. */
const lapseMeetsEnding = (random: Random, account: AccountId): Figure => {
  const ending = () =>
    ({
      how: pick(random, ['settle', 'settle', 'fail', 'extend', 'extend'] as const),
      percent: pick(random, [0, 30, 100] as const),
      fromDeadline: true,
      afterMs: random() < 0.4 ? upTo(random, 6) - 1 : -upTo(random, pick(random, [5, 40, 200] as const)),
      receipt: random() < 0.5,
      copies: 1,
      tries: 100,
    }) as const;
  const meets = (): Deed =>
    pick<() => Deed>(random, [() => sweep('deadlines'), () => sweep('deadlines'), () => runOf(random, account, 5)])();
  return {
    ...perhapsSlow(random),
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      {
        gap: { ms: 10 * SECOND_MS },
        deeds: [
          runOf(random, account, 20, { holdSeconds: 60, endings: Array.from({ length: upTo(random, 3) }, ending) }),
        ],
      },
      // By then the run is held, and its deadline is what ends first.
      { gap: { ms: 15 * SECOND_MS }, deeds: [] },
      {
        gap: { end: 0, offMs: upTo(random, pick(random, [3, 60] as const)) - 1 },
        deeds: Array.from({ length: upTo(random, 3) }, meets),
      },
    ],
  };
};

/** A run that draws on what outlives the day fails around midnight, slowly, while others cross it. */
const failsAcrossMidnight = (random: Random, account: AccountId): Figure => {
  const fails = (): Run =>
    runOf(random, account, 10, {
      aim: { end: 0, offMs: MINUTE_MS },
      endings: [
        {
          how: 'fail',
          percent: 0,
          fromDeadline: true,
          afterMs: -MINUTE_MS - upTo(random, pick(random, [10, 100] as const)),
          receipt: random() < 0.7,
          copies: 1,
          tries: 100,
        },
      ],
    });
  const meets = (): Deed => (random() < 0.7 ? runOf(random, account, 5) : sweep('boundaries'));
  return {
    weather: SLOW,
    startMs: Date.UTC(2026, 4, 1 + Math.floor(random() * 28)) - upTo(random, 8) * MINUTE_MS,
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      {
        gap: { ms: SECOND_MS },
        deeds: [spend(account), { what: 'grant', account, credits: 50, livesMs: 5 * DAY_MS, copies: 1 }],
      },
      { gap: { ms: 20 * SECOND_MS }, deeds: Array.from({ length: upTo(random, 2) }, fails) },
      {
        gap: { end: 0, offMs: upTo(random, pick(random, [3, 60] as const)) - 1 },
        deeds: Array.from({ length: 1 + upTo(random, 2) }, meets),
      },
    ],
  };
};

/** Plans of before a midnight come after it, when others have crossed it and credits that ended later now end first. */
const plansOfYesterday = (random: Random, account: AccountId): Figure => {
  const livesMs = pick(random, [HOUR_MS, 6 * HOUR_MS, 20 * HOUR_MS] as const);
  const estimates = () => runOf(random, account, 10, { waitMs: 14 * MINUTE_MS, endings: [] });
  return {
    startMs: Date.UTC(2026, 4, 1 + Math.floor(random() * 28)) - upTo(random, 12) * MINUTE_MS,
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: SECOND_MS }, deeds: [{ what: 'grant', account, credits: 20, livesMs, copies: 1 }] },
      { gap: { ms: 20 * SECOND_MS }, deeds: Array.from({ length: 1 + upTo(random, 2) }, estimates) },
      {
        gap: { end: 0, offMs: upTo(random, 2000) },
        deeds: [random() < 0.5 ? runOf(random, account, 5) : sweep('boundaries')],
      },
    ],
  };
};

/** Between an estimate and its approval credits come back to what it would have emptied, or what it would have drawn on ends. */
const plansGrowOld = (random: Random, account: AccountId): Figure => {
  const livesMs = pick(random, [5 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS] as const);
  const comesBack = {
    how: pick(random, ['fail', 'settle'] as const),
    percent: 30,
    fromDeadline: false,
    afterMs: pick(random, [2 * SECOND_MS, MINUTE_MS] as const),
    receipt: random() < 0.5,
    copies: 1,
    tries: 100,
  } as const;
  const waits = () => runOf(random, account, 25, { waitMs: pick(random, [5 * SECOND_MS, 14 * MINUTE_MS] as const) });
  return {
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: SECOND_MS }, deeds: [{ what: 'grant', account, credits: upTo(random, 15), livesMs, copies: 1 }] },
      { gap: { ms: 10 * SECOND_MS }, deeds: [runOf(random, account, 10, { holdSeconds: 3600, endings: [comesBack] })] },
      { gap: { ms: SECOND_MS }, deeds: Array.from({ length: upTo(random, 2) }, waits) },
    ],
  };
};

/** An agent's run under a rule that its owner changes between estimate and approval, mostly to one that still allows it. */
const ruleMoves = (random: Random, account: AccountId): Figure => {
  const run = (): Run => {
    const { credits, ...rest } = runOf(random, account, 10, { by: 'agent' });
    const after = random() < 0.8 ? credits + Math.floor(random() * 20) : pick(random, [null, credits - 1] as const);
    return { ...rest, credits, ruled: { before: credits + Math.floor(random() * 20), after } };
  };
  return {
    scenes: [
      { gap: { ms: 0 }, deeds: [{ what: 'usage', account }] },
      { gap: { ms: SECOND_MS }, deeds: Array.from({ length: upTo(random, 2) }, run) },
    ],
  };
};

const FIGURES = [
  togetherAtAnEnd,
  togetherAtAnEnd,
  togetherAtAnEnd,
  lapseMeetsEnding,
  failsAcrossMidnight,
  plansOfYesterday,
  plansGrowOld,
  ruleMoves,
  moneyGoesBack,
  moneyGoesBack,
  monthsPass,
  monthsPass,
  renewalFails,
] as const;

export const figureOf = (random: Random, account: AccountId): Figure => pick(random, FIGURES)(random, account);
