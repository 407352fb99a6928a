import type { Refusal } from '../../../lib/domain/refusal.ts';
import { chargedBy, heldBy, heldOf, type RunRecord } from '../../../lib/domain/run-record.ts';
import type { Ledger } from './ledger.ts';

interface Run {
  readonly accountId: string;
  readonly credits: number;
  byOwner: boolean;
  byAgent: boolean;
  approvedAtMs: number | null;
  firstDeadlineMs: number;
  endedAtMs: number | null;
  /** The latest deadline an agent was promised. */
  promisedMs: number;
}

export interface Eyes {
  readonly nowMs: () => number;
  readonly fault: (sentence: string) => void;
  readonly ledgerOf: (accountId: string) => Ledger | undefined;
}

interface BalanceShown {
  readonly available: number;
  readonly held: number;
  readonly asOf: string;
}

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
};

/** Everything that was asked and answered: what must never be answered otherwise (I7), and what a later answer must show. */
export const createOracle = ({ nowMs, fault, ledgerOf }: Eyes) => {
  const runs = new Map<string, Run>();
  const asked = new Set<string>();
  const answers = new Map<string, string>();

  const runOf = (runUuid: string): Run | null => runs.get(runUuid) ?? null;
  const recordOf = (runUuid: string): RunRecord | undefined =>
    ledgerOf(runs.get(runUuid)?.accountId ?? '')?.records.get(runUuid);

  /** I7: what was answered once is answered ever. Of its fields' order only the door's schema has a say. */
  const same = (key: string, answer: unknown): void => {
    const text = JSON.stringify(inOrder(answer));
    const before = answers.get(key);
    if (before === undefined) answers.set(key, text);
    else if (before !== text) fault(`I7: ${key} was answered ${before}, and now ${text}`);
  };

  const estimated = (runUuid: string, accountId: string, credits: number): void => {
    if (runs.has(runUuid)) fault(`two estimates are of one run ${runUuid}`);
    const none = { byOwner: false, byAgent: false, approvedAtMs: null, endedAtMs: null };
    runs.set(runUuid, { accountId, credits, ...none, firstDeadlineMs: 0, promisedMs: 0 });
  };

  const approving = (runUuid: string, by: 'user' | 'agent'): void => {
    const run = runs.get(runUuid);
    if (run === undefined) return;
    if (by === 'user') run.byOwner = true;
    else run.byAgent = true;
  };

  const held = (
    runUuid: string,
    answer: { readonly held: number; readonly estimate: number; readonly expiresAt: string },
  ): void => {
    const run = runs.get(runUuid);
    if (run === undefined) {
      fault(`run ${runUuid} is of no estimate`);
      return;
    }
    same(`approve ${runUuid}`, answer);
    run.approvedAtMs ??= nowMs();
    run.firstDeadlineMs = Date.parse(answer.expiresAt);
    if (answer.held !== run.credits || answer.estimate !== run.credits)
      fault(`I4: run ${runUuid} holds ${answer.held} of ${run.credits}`);
    const ledger = ledgerOf(run.accountId);
    if (ledger?.held.has(runUuid) !== true) fault(`run ${runUuid} is said to be held and never was`);
  };

  const notHeld = (runUuid: string, sentAtMs: number, { refused }: Refusal): void => {
    const approvedAtMs = runs.get(runUuid)?.approvedAtMs ?? null;
    const known = approvedAtMs !== null && approvedAtMs < sentAtMs;
    if (known) fault(`I7: run ${runUuid} was approved, and the same approval is now refused: ${refused}`);
  };

  const sending = (runUuid: string, outcome: 'settled' | 'failed', cost: number): void => {
    asked.add(`${runUuid} ${outcome} ${outcome === 'settled' ? cost : ''}`);
  };
  const wasAsked = ({ runUuid, outcome, cost }: RunRecord): boolean =>
    asked.has(`${runUuid} ${outcome} ${outcome === 'settled' ? cost : ''}`);

  const ended = (runUuid: string): void => {
    const run = runs.get(runUuid);
    if (run !== undefined) run.endedAtMs ??= nowMs();
  };

  /** What a settle, a fail or an extend was told must be what stands on record. */
  const refusedEnd = (runUuid: string, what: string, refusal: Refusal): void => {
    const record = recordOf(runUuid);
    const outcome =
      refusal.refused === 'run_already' ? refusal.outcome : refusal.refused === 'hold_expired' ? 'expired' : null;
    if (refusal.refused === 'validation_failed' && what === 'extend') return;
    if (outcome === null) {
      fault(`${what} of run ${runUuid} is refused: ${refusal.refused}`);
      return;
    }
    // An extend sees from the deadline alone that it has passed.
    if (record === undefined && what === 'extend' && outcome === 'expired') return;
    if (record?.outcome !== outcome)
      fault(`R11: ${what} of run ${runUuid} is told ${outcome}, on record is ${record?.outcome}`);
    ended(runUuid);
  };

  const settled = (
    runUuid: string,
    cost: number,
    answer: { readonly charged: number; readonly released: number; readonly absorbed: number },
  ): void => {
    same(`settle ${runUuid}`, answer);
    const record = recordOf(runUuid);
    const stands = record?.outcome === 'settled' && record.cost === cost;
    if (!stands) {
      fault(`R11: run ${runUuid} is said to be settled at ${cost}, on record is ${record?.outcome} ${record?.cost}`);
      return;
    }
    const charged = chargedBy(record);
    const told =
      answer.charged === charged && answer.released === heldBy(record) - charged && answer.absorbed === record.absorbed;
    if (!told) fault(`R9: the settle of ${runUuid} is answered ${JSON.stringify(answer)}`);
    ended(runUuid);
  };

  const failed = (runUuid: string, answer: { readonly charged: number; readonly released: number }): void => {
    same(`fail ${runUuid}`, answer);
    const record = recordOf(runUuid);
    if (record?.outcome !== 'failed') {
      fault(`R11: run ${runUuid} is said to have failed, on record is ${record?.outcome}`);
      return;
    }
    if (answer.charged !== 0 || answer.released !== heldBy(record))
      fault(`R10: a failed run is answered ${JSON.stringify(answer)}`);
    ended(runUuid);
  };

  /** R7: a deadline that was promised holds. */
  const extended = (runUuid: string, expiresAt: string): void => {
    const run = runs.get(runUuid);
    if (run === undefined) return;
    run.promisedMs = Math.max(run.promisedMs, Date.parse(expiresAt));
    const record = recordOf(runUuid);
    if (record?.outcome === 'expired' && record.atMs < run.promisedMs)
      fault(`R7: run ${runUuid} expired, and is extended`);
  };
  const recorded = (record: RunRecord): void => {
    const run = runs.get(record.runUuid);
    if (record.outcome === 'expired' && record.atMs < Math.max(run?.promisedMs ?? 0, run?.firstDeadlineMs ?? 0)) {
      fault(`R7: run ${record.runUuid} expires before what was promised`);
    }
  };

  /** R22, in real time: what is held is what was held when it was asked, give or take what happened meanwhile. */
  const balance = (accountId: string, askedAtMs: number, shown: BalanceShown): void => {
    const ledger = ledgerOf(accountId);
    const asOfMs = Date.parse(shown.asOf);
    if (shown.available < 0 || shown.held < 0) fault(`I3: the balance is ${JSON.stringify(shown)}`);
    let [sure, possible] = [0, 0];
    for (const [runUuid, hold] of ledger?.held ?? []) {
      const run = runs.get(runUuid);
      if (run === undefined) continue;
      const credits = heldOf(hold);
      const answered = run.approvedAtMs !== null && run.approvedAtMs < askedAtMs;
      if (answered && ledger?.records.has(runUuid) !== true && run.firstDeadlineMs > asOfMs) sure += credits;
      // As of a clock that is behind, what another has ended has not ended yet.
      const endedMs = ledger?.records.get(runUuid)?.atMs ?? Number.POSITIVE_INFINITY;
      const over = run.endedAtMs !== null && run.endedAtMs < askedAtMs && endedMs <= asOfMs;
      if (!over && hold.deadlineMs > asOfMs) possible += credits;
    }
    if (shown.held < sure || shown.held > possible)
      fault(`${accountId} is shown ${shown.held} held, it is ${sure} to ${possible}`);
  };

  /** R23: a run that was said to have ended before the list was asked for is in it as ended. */
  const listed = (
    accountId: string,
    askedAtMs: number,
    lines: readonly {
      readonly kind: string;
      readonly runId?: string | undefined;
      readonly status?: string | undefined;
    }[],
  ): void => {
    if (lines.length >= 100) return;
    const shown = new Map(
      lines.filter(({ kind }) => kind === 'run').map((line) => [line.runId?.slice(0, 36), line.status]),
    );
    for (const [runUuid, run] of runs) {
      const before = run.accountId === accountId && run.endedAtMs !== null && run.endedAtMs < askedAtMs;
      if (before && shown.get(runUuid) !== recordOf(runUuid)?.outcome)
        fault(`R23: run ${runUuid} is listed as ${shown.get(runUuid)}`);
    }
  };

  const lastRuns = (): readonly string[] => [...runs.keys()].slice(-3);
  const settledRuns = (): readonly string[] => [...runs.keys()].filter((id) => recordOf(id)?.outcome === 'settled');
  const heldRuns = (): readonly string[] => [...runs].filter(([, run]) => run.approvedAtMs !== null).map(([id]) => id);

  return {
    runOf,
    same,
    estimated,
    approving,
    held,
    notHeld,
    sending,
    wasAsked,
    refusedEnd,
    settled,
    failed,
    extended,
    recorded,
    balance,
    listed,
    lastRuns,
    settledRuns,
    heldRuns,
  };
};

export type Oracle = ReturnType<typeof createOracle>;
