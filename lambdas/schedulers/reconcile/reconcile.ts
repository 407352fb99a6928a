import { DAY_MS } from '../../../lib/domain/time.ts';
import { applyFact } from '../../../lib/payments/apply-fact.ts';
import type { Payments } from '../../../lib/payments/dependencies.ts';
import type { Applied } from '../../../lib/payments/payment-deps.ts';
import { type ReconcileCursor, readCursor, writeCursor } from '../../../lib/store/reconcile-cursor.ts';
import { listFacts, SOURCES, type Source } from '../../../lib/stripe/list-facts.ts';
import type { Telemetry } from '../../../lib/telemetry/telemetry.ts';

/** `recent`: what webhooks should have told since the last run. `full`: the things themselves, whatever was told. */
export type Mode = 'recent' | 'full';

type Run = NonNullable<ReconcileCursor['run']>;

export interface Reconciled extends Readonly<Run['counts']> {
  readonly complete: boolean;
}

export interface Reconciling extends Payments {
  /** Whether there is time for another page. */
  readonly hasTime: () => boolean;
  readonly pause: (ms: number) => Promise<void>;
  readonly telemetry: Telemetry;
}

/** Stripe keeps events for 30 days; a run that began earlier than this after the last looks at the things themselves instead. */
const EVENTS_KEPT_MS = 29 * DAY_MS;
/** A thing is listed by when it was made, and may be paid, refused or closed long after: an invoice in dunning, a bank debit, a dispute. */
const LOOK_BACK_MS: Readonly<Record<Mode, number>> = { recent: DAY_MS, full: 120 * DAY_MS };
/** Some 15 calls a second with what is asked in between; Stripe allows 25 for each endpoint. */
const BETWEEN_PAGES_MS = 60;

const sourcesOf = (mode: Mode, run: Run): readonly Source[] =>
  mode === 'recent' && run.startedMs - run.sinceMs <= EVENTS_KEPT_MS
    ? ['events']
    : SOURCES.filter((source) => source !== 'events');

const begun = (mode: Mode, doneMs: number | null, nowMs: number): Run => {
  const sinceMs = doneMs === null ? 0 : Math.max(0, doneMs - LOOK_BACK_MS[mode]);
  const counts = { heard: 0, repaired: 0, mismatched: 0, undone: 0, failed: 0, unreadable: 0 };
  const run = { startedMs: nowMs, sinceMs, source: '', after: null, counts };
  return { ...run, source: sourcesOf(mode, run)[0] ?? '' };
};

type Outcome = Applied | 'failed' | 'unreadable';

const counted = ({ counts }: Run, became: readonly Outcome[]): Run['counts'] => {
  const of = (what: Outcome) => became.filter((each) => each === what).length;
  return {
    heard: counts.heard + became.length,
    repaired: counts.repaired + of('applied'),
    mismatched: counts.mismatched + of('mismatch'),
    undone: counts.undone + of('undone'),
    failed: counts.failed + of('failed'),
    unreadable: counts.unreadable + of('unreadable'),
  };
};

/**
 * One page, acted on fact by fact: one that fails is counted and does not keep the others waiting, nor does what cannot be read. Where
 * Stripe does not answer, nothing of the page is done.
 */
const onePage = async (deps: Reconciling, mode: Mode, run: Run): Promise<Run | null> => {
  const sources = sourcesOf(mode, run);
  const source = sources.find((each) => each === run.source);
  if (source === undefined) return null;
  const { facts, unreadable, next } = await listFacts(
    await deps.stripe(),
    source,
    run.sinceMs,
    run.after,
    deps.deps.now(),
  );
  for (const { id, faults } of unreadable) deps.telemetry.error('not readable', { source, id, faults });
  const became = unreadable.map((): Outcome => 'unreadable');
  for (const fact of facts) {
    try {
      became.push(await applyFact(deps.deps, fact));
    } catch (fault) {
      became.push('failed');
      const name = fault instanceof Error ? fault.name : 'unknown';
      deps.telemetry.error('not reconciled', { fact: fact.fact, fault: name });
    }
  }
  const counts = counted(run, became);
  if (next !== null) return { ...run, counts, after: next };
  return { ...run, counts, after: null, source: sources[sources.indexOf(source) + 1] ?? '' };
};

/**
 * R21: compares what Stripe says was paid, refunded and disputed with what was acted on, and acts on what was missed, by the path
 * webhooks take. Page by page, the cursor kept after each: a crash or the end of the time costs one page. The next run begins where the
 * last one that failed at nothing began. What cannot be read holds it up no longer: it would not be read the next time either, and each run
 * looks back far enough to come upon it again once it can be.
 */
export const reconcile = async (deps: Reconciling, mode: Mode): Promise<Reconciled> => {
  const { table, now } = deps.deps;
  let cursor = await readCursor(table, mode);
  let run = cursor.run ?? begun(mode, cursor.doneMs, now());
  while (deps.hasTime()) {
    const next = await onePage(deps, mode, run);
    if (next === null) {
      const doneMs = run.counts.failed === 0 ? run.startedMs : cursor.doneMs;
      await writeCursor(table, mode, cursor, { doneMs, run: null });
      return { complete: true, ...run.counts };
    }
    run = next;
    cursor = await writeCursor(table, mode, cursor, { doneMs: cursor.doneMs, run });
    await deps.pause(BETWEEN_PAGES_MS);
  }
  return { complete: false, ...run.counts };
};
