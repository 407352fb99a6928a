import type { PaymentFact } from '../domain/payment-fact.ts';
import { closeCheckout, noteFailure } from './apply-failure.ts';
import { applyMoneyBack } from './apply-money-back.ts';
import { applyPack } from './apply-pack.ts';
import { applyPeriod } from './apply-period.ts';
import { applySubscription } from './apply-subscription.ts';
import type { Applied, PaymentDeps } from './payment-deps.ts';

/**
 * Acts on what Stripe says has happened: once, however often it is told, by whom and in what order (R17). Effects and the record
 * that they are done commit in one transaction; where it throws, nothing is done, and the same fact may be told again.
 */
export const applyFact = (deps: PaymentDeps, fact: PaymentFact): Promise<Applied> => {
  switch (fact.fact) {
    case 'pack_paid':
      return applyPack(deps, fact);
    case 'period_paid':
      return applyPeriod(deps, fact);
    case 'refund':
    case 'charge_refunded':
    case 'dispute':
      return applyMoneyBack(deps, fact);
    case 'subscription':
      return applySubscription(deps, fact);
    case 'payment_failed':
      return noteFailure(deps, fact);
    case 'checkout_closed':
      return closeCheckout(deps, fact);
  }
};
