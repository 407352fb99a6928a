import { badParameter } from './api-fault.ts';
import type { Database } from './database.ts';
import { type Deliver, send } from './deliveries.ts';
import type { StoredEvent } from './records.ts';

export interface Redelivery {
  /** All of them when not given. */
  readonly eventIds?: readonly string[] | undefined;
  readonly times: number;
  readonly order: 'as_is' | 'reversed' | 'shuffled';
  /** All at once, or so many at once; in either case 64 at most. */
  readonly concurrently: boolean | number;
}

export interface Redelivered {
  readonly eventId: string;
  readonly type: string;
  /** 0 where there was no answer. */
  readonly status: number;
}

/** With more under way on one machine, the last would wait longer for their answers than a delivery waits. */
const MOST_AT_ONCE = 64;

/** By ranks of a small generator (mulberry32): the same seed gives the same order. */
const shuffle = <T>(items: readonly T[], seed: number): T[] => {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
};

const inOrder = (events: StoredEvent[], order: Redelivery['order'], seed: number): StoredEvent[] => {
  switch (order) {
    case 'as_is':
      return events;
    case 'reversed':
      return events.reverse();
    case 'shuffled':
      return shuffle(events, seed);
  }
};

/**
 * Sends events again by hand, `times` over, whether deliveries are on or off. As at Stripe this changes nothing about the retries that an event
 * still has before it. Answers in the order of sending.
 */
export const redeliver = async (
  db: Database,
  { eventIds, times, order, concurrently }: Redelivery,
  deliver: Deliver,
  now: () => number,
): Promise<Redelivered[]> => {
  const chosen =
    eventIds?.map((id, index) => {
      const event = db.events.get(id);
      if (event === undefined) throw badParameter(`eventIds[${index}]`, 'is no event of this stand-in');
      return event;
    }) ?? db.events.all();
  const settings = db.settingsNow();
  const seed = settings.redeliveries + 1;
  db.transact(() => db.settings.put({ ...settings, redeliveries: seed }));

  const queue = inOrder(Array.from({ length: times }, () => chosen).flat(), order, seed);
  const asked = typeof concurrently === 'number' ? concurrently : concurrently ? queue.length : 1;
  const atOnce = Math.min(asked, queue.length, MOST_AT_ONCE);
  const results = new Array<Redelivered>(queue.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < queue.length; index = next++) {
      const event = queue[index];
      if (event === undefined) return;
      results[index] = { eventId: event.id, type: event.type, status: await send(event, deliver, now) };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
};
