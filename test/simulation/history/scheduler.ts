/** A process at work on one request. Once over it hears nothing and says nothing more. */
export interface Life {
  /** Whose it is, and what it does: for the trace, and for the count of crash points. */
  readonly actor: string;
  readonly operation: string;
  readonly bornMs: number;
  /** How far the host's clock is off. */
  readonly skewMs: number;
  /** Requests sent so far. */
  sent: number;
  over: boolean;
  readonly died: Promise<'died'>;
  readonly die: () => void;
}

export const newLife = (actor: string, operation: string, bornMs: number, skewMs = 0): Life => {
  let tell = (_: 'died'): void => undefined;
  const died = new Promise<'died'>((resolve) => {
    tell = resolve;
  });
  const life: Life = {
    actor,
    operation,
    bornMs,
    skewMs,
    sent: 0,
    over: false,
    died,
    die: () => {
      life.over = true;
      tell('died');
    },
  };
  return life;
};

export interface Scheduler {
  readonly now: () => number;
  /** Waits until an instant, or as long as it takes until nobody comes before; for ever where the life is over. */
  readonly park: (life: Life | null, atMs: number) => Promise<void>;
  /** Lets one after the other go on until nobody waits, or until told to stop; or after more steps than a history has. */
  readonly run: (isOver: () => boolean) => Promise<void>;
  readonly steps: () => number;
}

/** A history takes some hundreds; one that comes so far goes round in circles. */
const MOST_STEPS = 100_000;

interface Waiter {
  readonly atMs: number;
  readonly rank: number;
  readonly life: Life | null;
  readonly go: () => void;
}

/**
 * A clock of its own, and one at a time: who waits for the earliest instant goes on, by chance among those of one millisecond, until all it
 * does comes to wait again. Everything under it must wait here and nowhere else.
 */
export const createScheduler = (startMs: number, random: () => number): Scheduler => {
  let nowMs = startMs;
  let steps = 0;
  const waiters: Waiter[] = [];

  const next = (): Waiter | undefined => {
    let best = -1;
    for (let at = waiters.length - 1; at >= 0; at--) {
      const each = waiters[at];
      if (each === undefined) continue;
      if (each.life?.over === true) {
        waiters.splice(at, 1);
        if (best > at) best--;
        continue;
      }
      const first = waiters[best];
      if (first === undefined || each.atMs < first.atMs || (each.atMs === first.atMs && each.rank < first.rank)) {
        best = at;
      }
    }
    return best < 0 ? undefined : waiters.splice(best, 1)[0];
  };

  const park = (life: Life | null, atMs: number): Promise<void> =>
    new Promise((go) => {
      waiters.push({ atMs: Math.max(atMs, nowMs), rank: random(), life, go });
    });

  const run = (isOver: () => boolean): Promise<void> =>
    new Promise((done) => {
      const step = (): void => {
        const waiter = isOver() || steps >= MOST_STEPS ? undefined : next();
        if (waiter === undefined) {
          done();
          return;
        }
        steps++;
        nowMs = Math.max(nowMs, waiter.atMs);
        waiter.go();
        // A tick asked for among the microtasks comes when all of them are done: when everything awaits something again.
        queueMicrotask(() => process.nextTick(step));
      };
      queueMicrotask(() => process.nextTick(step));
    });

  return { now: () => nowMs, park, run, steps: () => steps };
};
