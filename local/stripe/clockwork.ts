import type { Database } from './database.ts';
import { attemptDelivery, type Deliver, nextDelivery } from './deliveries.ts';
import { nextHappening } from './happenings.ts';
import { momentAt } from './moment.ts';

export interface Clockwork {
  /** Lets everything happen that falls due up to that instant, in order of instants, each with its deliveries before the next. */
  readonly advanceTo: (toMs: number) => Promise<void>;
  /** The instant of the next thing due, deliveries included; none after `stop`. */
  readonly nextDueMs: () => number | undefined;
  /** No more steps; the one under way comes to its end. */
  readonly stop: () => Promise<void>;
}

/** Moves the stand-in along the clock, one step at a time, however many ask for it at once. */
export const createClockwork = (
  db: Database,
  deliver: Deliver,
  now: () => number,
  publicUrl: () => string,
): Clockwork => {
  let stopped = false;
  let last: Promise<void> = Promise.resolve();

  /** Whether anything was due. A delivery goes before what happens at the same instant: it is news of what was there before. */
  const step = async (toMs: number): Promise<boolean> => {
    const happening = nextHappening(db);
    const delivery = nextDelivery(db);
    if (
      delivery !== undefined &&
      delivery.atMs <= toMs &&
      delivery.atMs <= (happening?.atMs ?? Number.POSITIVE_INFINITY)
    ) {
      await attemptDelivery(db, delivery.event, delivery.atMs, deliver, now);
      return true;
    }
    if (happening === undefined || happening.atMs > toMs) return false;
    db.transact(() => happening.happen(momentAt(db, happening.atMs, publicUrl)));
    return true;
  };

  return {
    advanceTo: (toMs) => {
      const run = last.then(async () => {
        while (!stopped && (await step(toMs)));
      });
      last = run.catch(() => {});
      return run;
    },
    nextDueMs: () => {
      if (stopped) return undefined;
      const due = [nextHappening(db)?.atMs, nextDelivery(db)?.atMs].filter((atMs) => atMs !== undefined);
      return due.length === 0 ? undefined : Math.min(...due);
    },
    stop: async () => {
      stopped = true;
      await last;
    },
  };
};
