import { SECOND_MS } from '../../../lib/domain/time.ts';
import type { AccountId, Deed, Scene, Weather } from './plan.ts';

export type Random = () => number;
export type Run = Extract<Deed, { what: 'run' }>;

/** How a history may begin: what chance alone hardly ever brings about. */
export interface Figure {
  readonly scenes: readonly { readonly gap: Scene['gap']; readonly deeds: readonly Deed[] }[];
  readonly startMs?: number;
  /** Instead of what the seed has drawn. */
  readonly weather?: Pick<Weather, 'latencyMs' | 'stalled' | 'stallMs'>;
}

/** Every fourth step takes long: what was decided before an instant is written well after it. */
export const SLOW = { latencyMs: 20, stalled: 0.25, stallMs: 2 * SECOND_MS } as const;
export const perhapsSlow = (random: Random): Pick<Figure, 'weather'> => (random() < 0.4 ? { weather: SLOW } : {});

export const upTo = (random: Random, most: number): number => 1 + Math.floor(random() * most);

export const runOf = (random: Random, account: AccountId, most: number, more: Partial<Run> = {}): Run => {
  const usual = { by: 'user', holdSeconds: 600, waitMs: 0, copies: 1, againMs: null, endings: [] } as const;
  return { what: 'run', account, credits: upTo(random, most), ...usual, ...more };
};

export const sweep = (dueFor: 'deadlines' | 'boundaries'): Deed => ({ what: 'sweep', dueFor, lateMs: 0, copies: 1 });

/** All free credits of the day, so that what comes next draws on something else. */
export const spend = (account: AccountId): Run => ({
  what: 'run',
  account,
  by: 'user',
  credits: 40,
  holdSeconds: 600,
  waitMs: 0,
  copies: 1,
  againMs: null,
  endings: [{ how: 'settle', percent: 100, fromDeadline: false, afterMs: 0, receipt: false, copies: 1, tries: 100 }],
});
