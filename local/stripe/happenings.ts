import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Database } from './database.ts';
import type { Moment } from './moment.ts';
import { expireCheckout, settleWhenDue } from './pay-checkout.ts';
import { billDraft, endPeriod, expirePendingUpdate, retryPayment } from './renew.ts';
import { releaseSchedule } from './schedule-life.ts';

/** Something that falls due by itself. */
export interface Happening {
  readonly atMs: number;
  readonly happen: (moment: Moment) => void;
}

const at = (atS: number, happen: Happening['happen']): Happening => ({ atMs: atS * SECOND_MS, happen });

/** Everything that waits for its instant. At the same instant, what comes first here happens first. */
const waiting = function* (db: Database): Generator<Happening> {
  for (const session of db.checkoutSessions.all()) {
    if (session.settlesAtS !== null) yield at(session.settlesAtS, (moment) => settleWhenDue(moment, session));
    if (session.status === 'open')
      yield at(session.expiresAtS, (moment) => {
        expireCheckout(moment, session);
      });
  }
  for (const invoice of db.invoices.all()) {
    const { status, finalizesAtS, nextAttemptS } = invoice;
    if (status === 'draft' && finalizesAtS !== null) yield at(finalizesAtS, (moment) => billDraft(moment, invoice));
    if (status === 'open' && nextAttemptS !== null) yield at(nextAttemptS, (moment) => retryPayment(moment, invoice));
  }
  for (const schedule of db.schedules.all()) {
    const last = schedule.phases.at(-1);
    if (schedule.status === 'active' && last !== undefined)
      yield at(last.endS, (moment) => {
        releaseSchedule(moment, schedule);
      });
  }
  for (const subscription of db.subscriptions.all()) {
    const { status, pendingUpdate, item } = subscription;
    if (status !== 'active' && status !== 'past_due') continue;
    if (pendingUpdate !== null)
      yield at(pendingUpdate.expiresAtS, (moment) => expirePendingUpdate(moment, subscription));
    yield at(item.periodEndS, (moment) => endPeriod(moment, subscription));
  }
};

/** The next thing that falls due after an instant, whenever that is. */
export const nextHappening = (db: Database, afterMs = Number.NEGATIVE_INFINITY): Happening | undefined => {
  let next: Happening | undefined;
  for (const happening of waiting(db))
    if (happening.atMs > afterMs && (next === undefined || happening.atMs < next.atMs)) next = happening;
  return next;
};
