import type { Crossing } from './crossing.ts';
import { costOf, touchedOf } from './figures.ts';
import { ASSUMED, LIMITS, SWEEPER } from './limits.ts';
import { DAY_PRICES } from './prices.ts';

/** What the measured run says of one active account's day: a reset at midnight, and a bound that its last run has left. */
export interface Basis {
  /** Write units of the reset, table and indexes. */
  readonly resetUnits: number;
  /** Those of the index by boundary. */
  readonly resetIndexUnits: number;
  /** Write units of moving the bound on, at some minute of the day. */
  readonly boundUnits: number;
  /** Read units of one touch: its part of an index page, and the account. */
  readonly touchReadUnits: number;
  /** `credits.expired` and `credits.granted`. */
  readonly events: number;
}

export const basisOf = (crossing: Crossing): Basis => {
  const reset = costOf(crossing, 'boundaries', 'spent');
  const { deadlines, boundaries } = crossing;
  const read = [deadlines.tally, boundaries.tally].reduce(
    (sum, tally) => sum + tally.indexReadUnits + tally.pointReadUnits,
    0,
  );
  return {
    resetUnits: reset.writeUnits,
    resetIndexUnits: reset.indexUnits,
    boundUnits: costOf(crossing, 'deadlines', 'settledLate').writeUnits,
    touchReadUnits: read / touchedOf(crossing),
    events: 2,
  };
};

export interface Brake {
  readonly what: string;
  /** Accounts a second it lets through. */
  readonly perSecond: number;
  readonly how: string;
}

/** Everything that limits a midnight sweep, the tightest first. */
export const brakesOf = (basis: Basis): readonly Brake[] => {
  const { shardsAtOnce, accountsAtOnce } = SWEEPER;
  const newTable = LIMITS.newTableWrites.value / basis.resetUnits;
  const table = LIMITS.tableWrites.value / basis.resetUnits;
  const indexes = (shardsAtOnce * LIMITS.partitionWrites.value) / Math.max(basis.resetIndexUnits, 1);
  const own = (shardsAtOnce * accountsAtOnce * 1000) / ASSUMED.touchMs;
  const events = (LIMITS.putEvents.value * 10) / basis.events;
  const lambda = ((LIMITS.lambdaConcurrency.value * accountsAtOnce) / ASSUMED.touchMs) * 1000;
  const brakes: readonly Brake[] = [
    {
      what: 'a table that is new, or never was busy',
      perSecond: newTable,
      how: 'goes up by itself, twofold within 30 minutes; or set its warm throughput before the first great midnight',
    },
    { what: 'the table’s quota', perSecond: table, how: 'Service Quotas: table-level write throughput' },
    {
      what: 'the sweep’s own concurrency',
      perSecond: own,
      how: '`AT_ONCE` in lib/infra/schedules.ts, up to the shards; then more shards',
    },
    {
      what: 'partitions of the index by boundary, one for each shard',
      perSecond: indexes,
      how: '`SHARDS` in lib/domain/shards.ts, and `AT_ONCE`',
    },
    {
      what: 'events published',
      perSecond: events,
      how: 'Service Quotas: PutEvents; until then events are late, not lost, for as long as the stream remembers (24 hours)',
    },
    {
      what: 'functions at once',
      perSecond: lambda,
      how: 'Service Quotas: Lambda concurrency; the sweep uses a small part of it',
    },
  ];
  return [...brakes].sort((a, b) => a.perSecond - b.perSecond);
};

export interface Forecast {
  readonly accounts: number;
  readonly share: number;
  readonly due: number;
  readonly writeUnits: number;
  /** Of the midnight sweep. */
  readonly newTableSeconds: number;
  readonly seconds: number;
  readonly dollars: {
    readonly writes: number;
    readonly reads: number;
    readonly events: number;
    readonly functions: number;
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
export const totalOf = ({ dollars }: Forecast): number => sum(Object.values(dollars));

/** One day of so many accounts, of which such a share spends. `seconds` is with a table that has grown to its quota. */
export const forecast = (basis: Basis, accounts: number, share: number): Forecast => {
  const due = accounts * share;
  const brakes = brakesOf(basis);
  const newTable = LIMITS.newTableWrites.value / basis.resetUnits;
  const grown = Math.min(...brakes.map(({ perSecond }) => perSecond).filter((perSecond) => perSecond !== newTable));
  const functionSeconds = (2 * due * ASSUMED.touchMs) / 1000 / SWEEPER.accountsAtOnce;
  return {
    accounts,
    share,
    due,
    writeUnits: due * basis.resetUnits,
    newTableSeconds: due / newTable,
    seconds: due / grown,
    dollars: {
      writes: due * (basis.resetUnits + basis.boundUnits) * DAY_PRICES.writeUnits,
      reads: 2 * due * basis.touchReadUnits * DAY_PRICES.readUnits,
      events: due * basis.events * DAY_PRICES.event,
      functions: functionSeconds * SWEEPER.memoryGb * DAY_PRICES.lambdaGbSecond,
    },
  };
};

/** A day of sweeps that find nothing, in dollars, by what it is paid for: the same for one account and for a billion. */
export const standingCosts = (): readonly (readonly [what: string, dollars: number])[] => {
  const { shards, boundaryRuns, deadlineRuns, stepsOfRun, stepsOfShard, memoryGb } = SWEEPER;
  const runs = boundaryRuns + deadlineRuns;
  const seconds = ASSUMED.emptyShardMs / 1000;
  const steps = boundaryRuns * (stepsOfRun + shards * stepsOfShard) + deadlineRuns * stepsOfRun;
  // Express is billed by 64 MB and 100 ms at the least.
  const express = deadlineRuns * shards * (DAY_PRICES.expressRequest + 0.1 * (64 / 1024) * DAY_PRICES.expressGbSecond);
  return [
    ['steps of the state machines', steps * DAY_PRICES.standardStep],
    ['short runs of the deadlines’ shards', express],
    ['functions', runs * shards * (DAY_PRICES.lambdaRequest + seconds * memoryGb * DAY_PRICES.lambdaGbSecond)],
    ['read units of empty queries', runs * shards * 0.5 * DAY_PRICES.readUnits],
  ];
};
