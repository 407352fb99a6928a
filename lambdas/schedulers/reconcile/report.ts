import type { Context } from 'aws-lambda';
import { type Mode, type Reconciled, type Reconciling, reconcile } from './reconcile.ts';

/** A page and what is asked beside it take some seconds at most. */
const SPARE_MS = 9_000;

/** R21: a reconciliation, and one line of log with its counts when it is through. Anything repaired is a webhook that was lost. */
export const reconcileAndReport = async (
  deps: Omit<Reconciling, 'hasTime'>,
  mode: Mode,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<Reconciled> => {
  const done = await reconcile({ ...deps, hasTime: () => context.getRemainingTimeInMillis() > SPARE_MS }, mode);
  if (done.complete) {
    const { complete: _, ...counts } = done;
    const { heard, repaired, mismatched, undone, failed, unreadable } = counts;
    const fine = repaired + mismatched + failed + unreadable === 0;
    deps.telemetry[fine ? 'info' : 'warn']('reconciled with Stripe', { mode, ...counts });
    deps.telemetry.count({
      [mode === 'full' ? 'ReconciledFull' : 'ReconciledRecent']: 1,
      ReconcileHeard: heard,
      ReconcileRepaired: repaired,
      ReconcileMismatched: mismatched,
      ReconcileUndone: undone,
      ReconcileFailed: failed,
      ReconcileUnreadable: unreadable,
    });
  }
  return done;
};
