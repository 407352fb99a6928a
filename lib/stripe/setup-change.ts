import type { SoldItem } from './setup-items.ts';

/** One thing to be done at Stripe, as a value: what is only looked at stops before it is carried out. */
export type SetupChange =
  | { readonly does: 'create_product'; readonly item: SoldItem }
  /** Its name is the catalog's again, and it can be sold. */
  | { readonly does: 'update_product'; readonly item: SoldItem }
  /** `transfer`: another price has the item's lookup key, and gives it up. */
  | { readonly does: 'create_price'; readonly item: SoldItem; readonly transfer: boolean }
  /** One that is there already asks what the catalog asks, and is the one sold now. */
  | { readonly does: 'use_price'; readonly item: SoldItem; readonly priceId: string }
  | { readonly does: 'update_portal'; readonly configurationId: string; readonly pauses: boolean }
  | { readonly does: 'create_webhook'; readonly url: string }
  | { readonly does: 'update_webhook'; readonly endpointId: string };

/** What Stripe is to become, and what it cannot be made by these calls. */
export interface SetupPart {
  readonly changes: readonly SetupChange[];
  /** Why nothing may be done at all: something of somebody else's is in the way. A sentence each. */
  readonly faults: readonly string[];
  /** What is left to a person, a sentence each. */
  readonly byHand: readonly string[];
}

const asked = ({ amount, currency, interval }: SoldItem): string =>
  `${amount} ${currency}${interval === null ? '' : ` a ${interval}`}`;

/** A change in words, for whoever runs the set-up. */
export const shownChange = (change: SetupChange): string => {
  switch (change.does) {
    case 'create_product':
      return `product of ${change.item.id}: made, "${change.item.name}"`;
    case 'update_product':
      return `product of ${change.item.id}: named "${change.item.name}" and for sale`;
    case 'create_price':
      return `price of ${change.item.id}: made, ${asked(change.item)}${change.transfer ? '; the one before stays, for whoever renews at it' : ''}`;
    case 'use_price':
      return `price of ${change.item.id}: ${change.priceId} again, ${asked(change.item)}`;
    case 'update_portal':
      return `portal configuration ${change.configurationId}: cards, invoices and what stands on them; no cancelling, no change of plan`;
    case 'create_webhook':
      return `webhook endpoint: made, ${change.url}`;
    case 'update_webhook':
      return `webhook endpoint ${change.endpointId}: on, with the events that are heard`;
  }
};
