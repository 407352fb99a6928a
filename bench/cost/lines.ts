import { standingCosts } from '../time/forecast.ts';
import { SWEEPER } from '../time/limits.ts';
import { ASSUMED_COST as A, HOURS_OF_MONTH, SECONDS_OF_MONTH } from './assumed.ts';
import type { CountedRun, CountedStage } from './count.ts';
import { COST_PRICES as P } from './prices.ts';

/** One line of a bill. */
export interface CostLine {
  readonly service: string;
  /** How much of what, and where the number is from. */
  readonly from: string;
  readonly dollars: number;
}

const MILLION = 1e6;
const GB = 1e9;
/** Estimate, approve, settle: one function each. */
const REQUESTS = 3;

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
export const totalOf = (lines: readonly CostLine[]): number => sum(lines.map(({ dollars }) => dollars));

/** X-Ray traces the first call of each second at each function, whatever the share: the fewer runs, the more of them. */
const tracesOf = (runsAMonth: number, callsOfRun: number): number => {
  const calls = runsAMonth * callsOfRun;
  const firsts = Math.min(calls, REQUESTS * SECONDS_OF_MONTH);
  return firsts + A.tracedShare * (calls - firsts);
};

/** What a million runs cost, where so many are done in a month. */
export const runLines = (run: CountedRun, runsAMonth: number): readonly CostLine[] => {
  const feedCalls = run.writes / A.recordsInBatch;
  const calls = REQUESTS + feedCalls;
  const hotGbSeconds = ((A.estimateMs + A.approveMs + A.settleMs) / 1000) * A.hotMemoryGb;
  const feedGbSeconds = feedCalls * (A.feedMs / 1000) * A.feedMemoryGb;
  const logBytes = calls * A.logBytesOfCall + REQUESTS * run.accessLogBytes;
  const keptGb = (logBytes * MILLION * A.logCompression) / GB;
  const line = (service: string, from: string, dollars: number): CostLine => ({ service, from, dollars });
  const fixed = (value: number) => value.toFixed(2);
  return [
    line('API Gateway', `${REQUESTS} requests`, REQUESTS * MILLION * P.httpRequest.dollars),
    line(
      'Lambda, requests',
      `${REQUESTS}, and ${fixed(feedCalls)} of the stream`,
      calls * MILLION * P.lambdaRequest.dollars,
    ),
    line(
      'Lambda, time',
      `${fixed(1000 * (hotGbSeconds + feedGbSeconds))} GB-ms (assumed)`,
      (hotGbSeconds + feedGbSeconds) * MILLION * P.lambdaGbSecond.dollars,
    ),
    line(
      'DynamoDB, writes',
      `${fixed(run.writeUnits)} write units (counted)`,
      run.writeUnits * MILLION * P.writeUnit.dollars,
    ),
    line(
      'DynamoDB, reads',
      `${fixed(run.readUnits)} read units (counted)`,
      run.readUnits * MILLION * P.readUnit.dollars,
    ),
    line('DynamoDB, stream', 'read by Lambda: free of charge', 0),
    line('EventBridge', `${fixed(run.events)} events (counted)`, run.events * MILLION * P.event.dollars),
    line(
      'CloudWatch Logs',
      `${Math.round(logBytes)} bytes (assumed; the access log’s counted), kept ${A.logRetentionMonths} months`,
      ((logBytes * MILLION) / GB) * P.loggedGb.dollars + keptGb * A.logRetentionMonths * P.keptLogGbMonth.dollars,
    ),
    line(
      'X-Ray',
      `${fixed(tracesOf(runsAMonth, calls) / runsAMonth)} traces (its default rule)`,
      (tracesOf(runsAMonth, calls) / runsAMonth) * MILLION * P.trace.dollars,
    ),
    line(
      'Answers to the internet',
      `${REQUESTS * A.sentBytesOfAnswer} bytes (assumed)`,
      ((REQUESTS * A.sentBytesOfAnswer * MILLION) / GB) * P.sentGb.dollars,
    ),
  ];
};

/** What every million of runs ever done costs each month from then on: records are kept for good (R4, R11). */
export const keptLines = ({ storedBytes }: CountedRun): readonly CostLine[] => {
  const gb = (storedBytes * MILLION) / GB;
  const from = `${Math.round(storedBytes)} bytes a run (counted)`;
  return [
    { service: 'DynamoDB, storage', from, dollars: gb * P.storedGbMonth.dollars },
    { service: 'DynamoDB, point-in-time recovery', from, dollars: gb * P.backedUpGbMonth.dollars },
  ];
};

/** Steps of a reconciliation that is through in one call; lib/infra/schedules.ts fires 24 + 1 a day. */
const RECONCILE = { aDay: 25, steps: SWEEPER.stepsOfRun + SWEEPER.stepsOfShard };

/** What a stage costs in a month without a single run. */
export const idleLines = (stage: CountedStage): readonly CostLine[] => {
  const days = HOURS_OF_MONTH / 24;
  const firings = (SWEEPER.boundaryRuns + SWEEPER.deadlineRuns + RECONCILE.aDay) * days;
  const secretReads = A.warmInstances * HOURS_OF_MONTH * 12;
  const tokens = A.agentProcesses * HOURS_OF_MONTH;
  return [
    ...standingCosts().map(([what, dollars]) => ({
      service: `Sweeps that find nothing: ${what}`,
      from: 'docs/scale.md',
      dollars: dollars * days,
    })),
    {
      service: 'Reconciliation: steps',
      from: `${RECONCILE.aDay} a day of ${RECONCILE.steps} steps`,
      dollars: RECONCILE.aDay * RECONCILE.steps * days * P.step.dollars,
    },
    { service: 'EventBridge Scheduler', from: `${Math.round(firings)} firings`, dollars: firings * P.firing.dollars },
    {
      service: 'Secrets Manager',
      from: `${stage.secrets} secrets (counted), ${secretReads} reads (assumed)`,
      dollars: stage.secrets * P.secretMonth.dollars + secretReads * P.secretRead.dollars,
    },
    {
      service: 'CloudWatch, alarms',
      from: `${stage.alarms} (counted)`,
      dollars: stage.alarms * P.alarmMonth.dollars,
    },
    {
      service: 'CloudWatch, dashboards',
      from: `${stage.dashboards} (counted)`,
      dollars: stage.dashboards * P.dashboardMonth.dollars,
    },
    {
      service: 'CloudWatch, metrics of our own',
      from: `${A.ownMetrics} (assumed)`,
      dollars: A.ownMetrics * P.metricMonth.dollars,
    },
    { service: 'KMS', from: `${stage.keys} key (counted)`, dollars: stage.keys * P.keyMonth.dollars },
    {
      service: 'Cognito, agents',
      from: `${stage.machineClients} client (counted), ${tokens} tokens (assumed)`,
      dollars: stage.machineClients * P.clientMonth.dollars + tokens * P.clientToken.dollars,
    },
  ];
};
