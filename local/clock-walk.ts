import type { Clock, Move, Moved } from './clock.ts';
import type { Payments } from './payments.ts';

export interface WalkParts {
  readonly clock: Clock;
  readonly payments: Pick<Payments, 'nextDueMs' | 'advanceTo'>;
  /** Fires the schedules due between two instants. */
  readonly fire: (fromMs: number, toMs: number) => Promise<void>;
}

/** Moves the clock, and settles when all that this has led to is done. */
export type Walk = (to: Move, runSchedules: boolean) => Promise<Moved>;

/**
 * The clock goes from one thing due at Stripe to the next, and stands at each until its deliveries are answered: what a renewal leads to
 * happens at that renewal's instant, not where the walk ends. The schedules fire at the end, many missed firings of one as one. Walks do not
 * overlap: one asked for meanwhile begins where the one before it ends.
 */
export const openClockWalk = ({ clock, payments, fire }: WalkParts): Walk => {
  const stopsUntil = async (toMs: number): Promise<void> => {
    await payments.advanceTo(clock.now());
    const next = () => payments.nextDueMs(clock.now());
    for (let dueMs = next(); dueMs !== undefined && dueMs <= toMs; dueMs = next()) {
      clock.move({ toMs: dueMs });
      await payments.advanceTo(dueMs);
    }
  };
  const walk: Walk = async (to, runSchedules) => {
    const way = clock.depart(to);
    if ('refused' in way) return way;
    await stopsUntil(way.toMs);
    clock.move({ toMs: way.toMs });
    if (runSchedules) await fire(way.fromMs, way.toMs);
    await payments.advanceTo(way.toMs);
    return { nowMs: way.toMs };
  };

  let last: Promise<unknown> = Promise.resolve();
  return (to, runSchedules) => {
    const moved = last.then(() => walk(to, runSchedules));
    last = moved.catch(() => undefined);
    return moved;
  };
};
