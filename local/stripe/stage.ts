import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Clockwork } from './clockwork.ts';
import type { Database } from './database.ts';
import { type Moment, momentAt } from './moment.ts';

/** Where a person's or a test's deeds take place. */
export interface Stage {
  readonly db: Database;
  readonly now: () => number;
  /**
   * Does it at this instant, after all that was due before, and waits until what it has led to has been delivered. A refusal is thrown, and
   * then nothing was done.
   */
  readonly act: <Result>(deed: (moment: Moment) => Result) => Promise<Result>;
  /** What is so at this instant. */
  readonly look: <Result>(view: (moment: Moment) => Result) => Promise<Result>;
}

export const createStage = (db: Database, clockwork: Clockwork, now: () => number, publicUrl: () => string): Stage => ({
  db,
  now,
  act: async (deed) => {
    await clockwork.advanceTo(now());
    const atMs = now();
    const result = db.transact(() => deed(momentAt(db, atMs, publicUrl)));
    await clockwork.advanceTo(atMs);
    return result;
  },
  look: async (view) => {
    await clockwork.advanceTo(now());
    return view(momentAt(db, now(), publicUrl));
  },
});

/** `2027-01-31 12:00 UTC` */
export const shownInstant = (atS: number): string =>
  `${new Date(atS * SECOND_MS).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
