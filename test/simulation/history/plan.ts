import type { DueFor } from '../../../lib/store/due-accounts.ts';
import type { Fault } from '../faults.ts';

export const ACCOUNTS = ['ann', 'bob'] as const;
export type AccountId = (typeof ACCOUNTS)[number];

/** What an agent does about a run it was given. */
export interface Ending {
  readonly how: 'settle' | 'fail' | 'extend';
  /** Cost, of what is held. */
  readonly percent: number;
  /** After the approval was heard of; or, from the deadline, so much off it. */
  readonly afterMs: number;
  readonly fromDeadline: boolean;
  readonly receipt: boolean;
  /** Sent so often at once. */
  readonly copies: number;
  /** Tries before it is given up for good. */
  readonly tries: number;
}

export type StripeDeed =
  | { readonly does: 'pack'; readonly pack: number }
  | { readonly does: 'subscribe'; readonly planId: 'starter' | 'pro' | 'pro-yearly' }
  | { readonly does: 'upgrade' }
  | { readonly does: 'cancel' | 'resume' | 'end' | 'declines' }
  | { readonly does: 'refund'; readonly pick: number; readonly percent: number; readonly fails: boolean }
  | { readonly does: 'dispute'; readonly pick: number; readonly percent: number }
  | { readonly does: 'close'; readonly pick: number; readonly won: boolean };

export type Deed =
  | {
      readonly what: 'run';
      readonly account: AccountId;
      readonly by: 'user' | 'agent';
      readonly credits: number;
      readonly holdSeconds: number;
      /** Between estimate and approval. */
      readonly waitMs: number;
      readonly copies: number;
      /** The same approval once more, so long after the first. */
      readonly againMs: number | null;
      readonly endings: readonly Ending[];
      /** Instead of `holdSeconds`: the deadline falls so much off one of the next instants at which something of the account ends. */
      readonly aim?: { readonly end: number; readonly offMs: number };
      /** The owner's rule before the estimate, and another one before its approval. */
      readonly ruled?: { readonly before: number; readonly after: number | null };
    }
  | { readonly what: 'balance' | 'usage'; readonly account: AccountId }
  | { readonly what: 'prefer'; readonly account: AccountId; readonly upTo: number | null }
  | {
      readonly what: 'grant';
      readonly account: AccountId;
      readonly credits: number;
      readonly livesMs: number;
      readonly copies: number;
    }
  | { readonly what: 'plan'; readonly account: AccountId; readonly planId: string; readonly copies: number }
  | { readonly what: 'refund'; readonly pick: number; readonly copies: number }
  | { readonly what: 'sweep'; readonly dueFor: DueFor; readonly lateMs: number; readonly copies: number }
  | { readonly what: 'reconcile' }
  | {
      readonly what: 'stripe';
      readonly account: AccountId;
      readonly deed: StripeDeed;
      /** Each of its facts is delivered so often, so long after; never, where empty, until the end or a reconciliation. */
      readonly deliveries: readonly number[];
    };

export interface Planned {
  readonly id: number;
  /** After the scene's beginning. */
  readonly offsetMs: number;
  readonly deed: Deed;
}

export interface Scene {
  /** So long after the scene before; or so much off one of the next instants at which something happens by itself, or ends. */
  readonly gap:
    | { readonly ms: number }
    | { readonly near: number; readonly offMs: number }
    | { readonly end: number; readonly offMs: number };
  readonly planned: readonly Planned[];
}

/** How bad the weather is while a history is told. */
export interface Weather {
  readonly rates: Partial<Readonly<Record<Fault, number>>>;
  /** A process is killed at a place where others may come first. */
  readonly killed: number;
  /** A request and its answer take up to so long each. */
  readonly latencyMs: number;
  /** One of them takes up to so much longer. */
  readonly stalled: number;
  readonly stallMs: number;
  /** Hosts' clocks are off by up to so much. */
  readonly skewMs: number;
  /** Stripe does not answer what it is asked. */
  readonly stripeFails: number;
}

/** All that is decided before a history is told. The same plan is told the same way. */
export interface Plan {
  readonly seed: number;
  readonly startMs: number;
  readonly weather: Weather;
  readonly scenes: readonly Scene[];
  /** The free plan's runs a day; left out: the catalog's, which no history comes to. */
  readonly runLimit?: number;
}
