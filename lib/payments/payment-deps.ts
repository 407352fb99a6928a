import type { Catalog } from '../domain/catalog.ts';
import type { SoldPrice } from '../domain/sold-price.ts';
import type { Table } from '../store/table.ts';
import type { AskStripe } from './ask-stripe.ts';

/** What acting on a payment works with, whoever heard of it: webhook, reconciliation, or the answer to a call of ours. */
export interface PaymentDeps {
  readonly table: Table;
  readonly catalog: Catalog;
  readonly prices: readonly SoldPrice[];
  readonly ask: AskStripe;
  readonly now: () => number;
}

/**
 * What became of a fact. `known`: it was there already. `ignored`: none of ours. `mismatch`: paid, but not what was offered, or in no
 * price we know: nothing is granted, somebody must look. `undone`: a second subscription beside a live one, ended and its money sent back.
 */
export type Applied = 'applied' | 'known' | 'ignored' | 'mismatch' | 'undone';
