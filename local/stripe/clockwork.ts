import type { Database } from './database.ts';
import { attemptDeliveries, type Deliver, nextDeliveries } from './deliveries.ts';
import { nextHappening } from './happenings.ts';
import { momentAt } from './moment.ts';

export interface Clockwork {
  /**
   * Lets everything happen that falls due up to that instant, in order of instants, each with its deliveries before the next, and with what
   * these lead to. Where others bring news without end meanwhile, some of that is left for their own calls.
   */
  readonly advanceTo: (toMs: number) => Promise<void>;
  /** The instant of the next thing due after that one, deliveries included; none after `stop`. */
  readonly nextDueMs: (afterMs: number) => number | undefined;
  /** No more steps; the one under way comes to its end. */
  readonly stop: () => Promise<void>;
}

/** News leads to calls, calls to news: no happening here goes over more than three rounds of that. */
const MOST_ROUNDS = 10;

/** Moves the stand-in along the clock, one step at a time, however many ask for it at once. */
export const createClockwork = (
  db: Database,
  deliver: Deliver,
  now: () => number,
  publicUrl: () => string,
): Clockwork => {
  let stopped = false;
  let last: Promise<void> = Promise.resolve();
  /** Has not begun: whoever asks for the same is served by it as well. */
  let next: { readonly toMs: number; readonly run: Promise<void> } | undefined;

  /** A delivery goes before what happens at the same instant: it is news of what was there before. */
  const walk = async (toMs: number): Promise<void> => {
    for (let rounds = 0; !stopped; ) {
      const happening = nextHappening(db);
      const deliveries = nextDeliveries(db);
      const untilMs = Math.min(toMs, happening?.atMs ?? toMs);
      if (deliveries !== undefined && deliveries.atMs <= untilMs && rounds < MOST_ROUNDS) {
        rounds++;
        await attemptDeliveries(db, deliveries, deliver, now);
      } else if (happening !== undefined && happening.atMs <= toMs) {
        rounds = 0;
        db.transact(() => happening.happen(momentAt(db, happening.atMs, publicUrl)));
      } else return;
    }
  };

  return {
    advanceTo: (toMs) => {
      if (next?.toMs === toMs) return next.run;
      const run = last.then(() => {
        next = undefined;
        return walk(toMs);
      });
      next = { toMs, run };
      last = run.catch(() => {});
      return run;
    },
    nextDueMs: (afterMs) => {
      if (stopped) return undefined;
      const first = [nextHappening(db, afterMs), nextDeliveries(db, afterMs)];
      const due = first.flatMap((one) => (one === undefined ? [] : [one.atMs]));
      return due.length === 0 ? undefined : Math.min(...due);
    },
    stop: async () => {
      stopped = true;
      await last;
    },
  };
};
