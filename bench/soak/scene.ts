import type { Actor } from '../../test/e2e/actor.ts';
import type { Api } from '../../test/e2e/api.ts';
import type { Tally } from './tally.ts';

/** A payment of a pack that the customer's side saw succeed. */
export interface Paid {
  readonly owner: Actor;
  readonly paymentIntentId: string;
  readonly credits: number;
}

/** What agents and owners were told, to be found again in the histories. */
export interface Told {
  readonly ends: Map<
    string,
    { readonly owner: Actor; readonly status: 'settled' | 'failed'; readonly charged: number }
  >;
  readonly paid: Paid[];
  /** Runs of which some may have lapsed; the latest. */
  readonly left: string[];
  readonly customers: Map<string, Actor>;
}

export interface Scene {
  readonly api: Api;
  readonly owners: readonly [Actor, ...Actor[]];
  readonly tally: Tally;
  readonly told: Told;
}

/** One agent at its work for one account, with a chance of its own. */
export interface Shift extends Scene {
  readonly agent: Actor;
  readonly owner: Actor;
  readonly chance: () => number;
  /** From the first, included, to the last, included. */
  readonly between: (first: number, last: number) => number;
  readonly pause: (mostMs: number) => Promise<void>;
}
