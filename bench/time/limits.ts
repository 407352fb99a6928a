import { SHARDS } from '../../lib/domain/shards.ts';

const GUIDE = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';

/** What the vendors publish, looked up 2026-11-22. All but the partition's are defaults that can be raised. */
export const LIMITS = {
  /** Write units a second one partition takes, of a table or of an index. */
  partitionWrites: { value: 1_000, source: `${GUIDE}/bp-partition-key-design.html` },
  partitionReads: { value: 3_000, source: `${GUIDE}/bp-partition-key-design.html` },
  /** Write units a second a table on demand takes by default, and each of its indexes. */
  tableWrites: { value: 40_000, source: `${GUIDE}/ServiceQuotas.html` },
  /** Write units a second a table on demand takes at once when it is new; then twice what it ever had, within 30 minutes. */
  newTableWrites: { value: 4_000, source: `${GUIDE}/warm-throughput.html` },
  lambdaConcurrency: {
    value: 1_000,
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  },
  mapConcurrency: { value: 10_000, source: 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html' },
  historyEvents: { value: 25_000, source: 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html' },
  /** Requests a second in us-east-1, of up to ten events each; other regions have less. */
  putEvents: { value: 10_000, source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html' },
  /** Seconds between two firings of a schedule, at the least. */
  schedulerSeconds: { value: 60, source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html' },
} as const;

/** The stack as it is deployed (lib/infra/schedules.ts, lambdas/schedulers/sweep): not measured here, and to be kept in step. */
export const SWEEPER = {
  shards: SHARDS,
  shardsAtOnce: 32,
  accountsAtOnce: 8,
  memoryGb: 1,
  /** Firings in a day: boundaries every quarter of an hour and at midnight, deadlines every minute. */
  boundaryRuns: 97,
  deadlineRuns: 1_440,
  /** Steps of a run by itself, and of each of its shards. */
  stepsOfRun: 2,
  stepsOfShard: 4,
  /** How long a midnight may take before anybody minds that history and events are late: a wish, not a promise. */
  wantedSeconds: 3600,
  nextRunSeconds: 15 * 60,
  givenUpSeconds: 6 * 3600,
} as const;

/** What a deployment would have to be asked: nobody has measured it. */
export const ASSUMED = {
  /** A touch in AWS: one read and one transaction, by the single-digit milliseconds DynamoDB names for each and as much again. */
  touchMs: 30,
  /** A sweep of a shard with nothing due. */
  emptyShardMs: 30,
} as const;
