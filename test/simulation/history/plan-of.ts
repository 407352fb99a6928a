import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import { FAULTS } from '../faults.ts';
import { createRandom, pick } from '../random.ts';
import { figureOf } from './figures.ts';
import {
  ACCOUNTS,
  type AccountId,
  type Deed,
  type Ending,
  type Plan,
  type Planned,
  type Scene,
  type StripeDeed,
  type Weather,
} from './plan.ts';

/** Instants from which a midnight, a month's end, a leap day or a year is not far. */
const STARTS = [
  Date.UTC(2026, 2, 1, 12),
  Date.UTC(2026, 0, 30, 23, 59, 59, 0),
  Date.UTC(2026, 0, 31, 6),
  Date.UTC(2027, 11, 31, 23, 40),
  Date.UTC(2028, 1, 28, 23),
  Date.UTC(2028, 1, 29, 10),
] as const;

type Random = () => number;

const among = (random: Random, most: number): number => Math.floor(random() * most);
const chance = (random: Random, probability: number): boolean => random() < probability;

const weatherOf = (random: Random): Weather => {
  const calm = chance(random, 0.15);
  const severity = pick(random, [0.005, 0.02, 0.06] as const);
  // Each history has some kinds of fault and not others: what all do at once hides what one does alone.
  const rates = Object.fromEntries(
    FAULTS.map((fault) => [fault, !calm && chance(random, 0.5) ? severity * (fault === 'stale' ? 8 : 1) : 0]),
  );
  return {
    rates,
    killed: calm ? 0 : pick(random, [0, 0, 0.005, 0.02, 0.05] as const),
    latencyMs: pick(random, [1, 4, 20, 20, 100] as const),
    stalled: pick(random, [0, 0.01, 0.05] as const),
    stallMs: pick(random, [200, 2 * SECOND_MS, 6 * SECOND_MS] as const),
    skewMs: chance(random, 0.2) ? pick(random, [5, 100, 800] as const) : 0,
    stripeFails: calm ? 0 : pick(random, [0, 0.1] as const),
  };
};

const endingOf = (random: Random): Ending => {
  const how = pick(random, ['settle', 'settle', 'settle', 'fail', 'extend'] as const);
  return {
    how,
    percent: pick(random, [0, 30, 70, 100, 100, 150] as const),
    fromDeadline: chance(random, 0.2),
    afterMs: pick(random, [-50, -5, -1, 0, 1, 5, 40, 900, 5 * SECOND_MS, MINUTE_MS, 16 * MINUTE_MS] as const),
    receipt: chance(random, 0.5),
    copies: chance(random, 0.2) ? 2 : 1,
    tries: chance(random, 0.2) ? 1 : 100,
  };
};

const runOf = (random: Random, account: AccountId, most: number): Deed => {
  const endings = Array.from({ length: pick(random, [0, 1, 1, 1, 1, 2, 2, 3] as const) }, () => endingOf(random));
  return {
    what: 'run',
    account,
    by: chance(random, 0.25) ? 'agent' : 'user',
    credits: 1 + among(random, most),
    holdSeconds: pick(random, [1, 5, 60, 600, 3600, 86_400] as const),
    waitMs: pick(random, [0, 0, 3, 30, 500, 14 * MINUTE_MS, 15 * MINUTE_MS - 20, 15 * MINUTE_MS] as const),
    copies: pick(random, [1, 1, 1, 2, 3] as const),
    againMs: chance(random, 0.25)
      ? pick(random, [10, SECOND_MS, 10 * MINUTE_MS, 15 * MINUTE_MS, 16 * MINUTE_MS, DAY_MS] as const)
      : null,
    endings,
  };
};

const deliveriesOf = (random: Random): readonly number[] => {
  const delay = () => pick(random, [0, 0, 5, 50, 2 * SECOND_MS, MINUTE_MS, 2 * HOUR_MS, 3 * DAY_MS] as const);
  return Array.from({ length: pick(random, [0, 1, 1, 1, 2, 3] as const) }, delay);
};

const stripeDeedOf = (random: Random, subscribes: boolean): StripeDeed => {
  const money = (): StripeDeed =>
    pick<StripeDeed>(random, [
      { does: 'refund', pick: among(random, 4), percent: pick(random, [10, 50, 100] as const), fails: false },
      { does: 'refund', pick: among(random, 4), percent: 40, fails: chance(random, 0.5) },
      { does: 'dispute', pick: among(random, 4), percent: pick(random, [50, 100] as const) },
      { does: 'close', pick: among(random, 4), won: chance(random, 0.5) },
      { does: 'close', pick: among(random, 4), won: chance(random, 0.5) },
    ]);
  const pack = (): StripeDeed => ({ does: 'pack', pack: among(random, 3) });
  if (!subscribes) return chance(random, 0.5) ? pack() : money();
  return pick<() => StripeDeed>(random, [
    pack,
    money,
    () => ({ does: 'subscribe', planId: pick(random, ['starter', 'starter', 'pro', 'pro-yearly'] as const) }),
    () => ({ does: 'subscribe', planId: 'starter' }),
    () => ({ does: pick(random, ['upgrade', 'cancel', 'resume', 'end', 'declines', 'upgrade'] as const) }),
  ])();
};

interface Swarm {
  readonly accounts: readonly [AccountId, ...AccountId[]];
  readonly most: number;
  readonly weights: readonly [what: Deed['what'], weight: number][];
  readonly subscribes: boolean;
}

const WEIGHTS: readonly [Deed['what'], number][] = [
  ['run', 12],
  ['balance', 3],
  ['usage', 1],
  ['prefer', 2],
  ['grant', 2],
  ['plan', 1],
  ['refund', 2],
  ['sweep', 3],
  ['reconcile', 1],
  ['stripe', 5],
];

/** What this history is about: some kinds of deed and not others. */
const swarmOf = (random: Random): Swarm => {
  const pays = chance(random, 0.5);
  const off = new Set(WEIGHTS.map(([what]) => what).filter((what) => what !== 'run' && chance(random, 0.35)));
  if (!pays) for (const what of ['stripe', 'reconcile'] as const) off.add(what);
  return {
    accounts: chance(random, 0.6) ? [pick(random, ACCOUNTS)] : ACCOUNTS,
    most: pick(random, [3, 10, 20, 60] as const),
    weights: WEIGHTS.filter(([what]) => !off.has(what)),
    subscribes: pays && chance(random, 0.5),
  };
};

const deedOf = (random: Random, { accounts, most, weights, subscribes }: Swarm): Deed => {
  const account = pick(random, accounts);
  const copies = chance(random, 0.25) ? 2 : 1;
  let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  const what = weights.find(([, weight]) => {
    left -= weight;
    return left < 0;
  })?.[0];
  switch (what ?? 'run') {
    case 'run':
      return runOf(random, account, most);
    case 'balance':
      return { what: 'balance', account };
    case 'usage':
      return { what: 'usage', account };
    case 'prefer':
      return { what: 'prefer', account, upTo: pick(random, [null, 5, 20, 100] as const) };
    case 'grant': {
      const livesMs = pick(random, [MINUTE_MS, HOUR_MS, DAY_MS, 5 * DAY_MS, 40 * DAY_MS] as const);
      return { what: 'grant', account, credits: 1 + among(random, 30), livesMs, copies };
    }
    case 'plan':
      return { what: 'plan', account, planId: pick(random, ['free', 'starter', 'pro', 'enterprise'] as const), copies };
    case 'refund':
      return { what: 'refund', pick: among(random, 6), copies };
    case 'sweep':
      return {
        what: 'sweep',
        dueFor: pick(random, ['deadlines', 'boundaries'] as const),
        lateMs: pick(random, [0, 0, 0, 10, MINUTE_MS, 5 * HOUR_MS] as const),
        copies: pick(random, [1, 1, 2, 3] as const),
      };
    case 'reconcile':
      return { what: 'reconcile' };
    case 'stripe':
      return { what: 'stripe', account, deed: stripeDeedOf(random, subscribes), deliveries: deliveriesOf(random) };
  }
};

const gapOf = (random: Random): Scene['gap'] =>
  chance(random, 0.55)
    ? { near: among(random, 4), offMs: pick(random, [-300, -40, -15, -5, -1, 0, 1, 10] as const) }
    : { ms: pick(random, [0, 20, SECOND_MS, MINUTE_MS, HOUR_MS, 7 * HOUR_MS, DAY_MS, 33 * DAY_MS] as const) };

/** A history's plan from its seed: 2 to 5 scenes, each of some deeds at about the same time, or fewer after a figure. */
export const planOf = (seed: number): Plan => {
  const random = createRandom(seed);
  const swarm = swarmOf(random);
  const weather = weatherOf(random);
  let id = 0;
  const planned = (): Planned => ({
    id: id++,
    offsetMs: among(random, pick(random, [1, 10, 60] as const)),
    deed: deedOf(random, swarm),
  });
  const figure = chance(random, 0.35) ? figureOf(random, pick(random, swarm.accounts)) : null;
  const first = (figure?.scenes ?? []).map(({ gap, deeds }) => ({
    gap,
    planned: deeds.map((deed) => ({ id: id++, offsetMs: among(random, 30), deed })),
  }));
  const most = figure === null ? 2 + among(random, 4) : among(random, 3);
  const scenes = Array.from({ length: most }, (_, at) => ({
    gap: at + first.length === 0 ? { ms: among(random, 100) } : gapOf(random),
    planned: Array.from({ length: 1 + among(random, 4) }, planned),
  }));
  const startMs = figure?.startMs ?? pick(random, STARTS);
  const runLimit = chance(random, 0.2) ? { runLimit: 3 } : {};
  return { seed, startMs, weather: { ...weather, ...figure?.weather }, scenes: [...first, ...scenes], ...runLimit };
};
