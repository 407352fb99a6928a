import { join } from 'node:path';
import * as z from 'zod/mini';
import { readDataFile, writeDataFile } from './data-file.ts';

/** Last millisecond an ISO instant of four-digit year can name. */
const END_OF_TIME_MS = Date.UTC(10_000, 0) - 1;

/** Where to move to: an instant, or on by so many seconds (down to thousandths). */
export type Move = { readonly toMs: number } | { readonly advanceSeconds: number };

/** Where a way of moves leads. */
export type Departed =
  | { readonly fromMs: number; readonly toMs: number }
  | { readonly refused: 'backwards' | 'too_far'; readonly nowMs: number };

export type Moved = { readonly nowMs: number } | { readonly refused: 'backwards' | 'too_far'; readonly nowMs: number };

/** The one clock of everything on this machine. */
export interface Clock {
  /** Milliseconds since 1970. Real time until the first move; from then on it stands still at what was set. */
  readonly now: () => number;
  /** Until the first move. */
  readonly isReal: () => boolean;
  /** Goes forward only; staying where it is counts as a move. What is refused changes nothing. */
  readonly move: (move: Move) => Moved;
  /** Stands still from now on, and says where the move would lead, for whoever goes there step by step. What is refused changes nothing. */
  readonly depart: (move: Move) => Departed;
}

const stored = z.object({ nowMs: z.int() });

/** Where it stands is kept in the data directory, so that a restart finds it there. */
export const openClock = (dataDir: string, realTime: () => number = Date.now): Clock => {
  const path = join(dataDir, 'clock.json');
  let standsAtMs = readDataFile(path, stored)?.nowMs;
  const now = () => standsAtMs ?? realTime();

  const stand = (atMs: number): void => {
    writeDataFile(path, { nowMs: atMs });
    standsAtMs = atMs;
  };
  const wayOf = (to: Move): Departed => {
    const nowMs = now();
    const toMs = 'toMs' in to ? to.toMs : nowMs + Math.round(to.advanceSeconds * 1_000);
    if (toMs < nowMs) return { refused: 'backwards', nowMs };
    if (!(toMs <= END_OF_TIME_MS)) return { refused: 'too_far', nowMs };
    return { fromMs: nowMs, toMs };
  };

  return {
    now,
    isReal: () => standsAtMs === undefined,
    move: (to) => {
      const way = wayOf(to);
      if ('refused' in way) return way;
      stand(way.toMs);
      return { nowMs: way.toMs };
    },
    depart: (to) => {
      const way = wayOf(to);
      if (!('refused' in way)) stand(way.fromMs);
      return way;
    },
  };
};

const TICK_MS = 1_000;

/** While the clock is the real one, what is due on it happens by itself. */
export const followClock = (clock: Clock, happen: (fromMs: number, toMs: number) => Promise<unknown>) => {
  let toldMs = clock.now();
  const timer = setInterval(() => {
    const nowMs = clock.now();
    if (!clock.isReal() || nowMs <= toldMs) return;
    happen(toldMs, nowMs).catch((fault: unknown) => console.error(`What was due has failed: ${String(fault)}`));
    toldMs = nowMs;
  }, TICK_MS);
  return {
    close: async (): Promise<void> => clearInterval(timer),
  };
};
