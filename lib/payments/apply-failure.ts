import { isLive, isOver } from '../domain/billing.ts';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { isRefusal } from '../domain/refusal.ts';
import { accountOfCustomer, changeBilling, readBillingRow } from '../store/billing.ts';
import { failureRow } from '../store/billing-row.ts';
import { withoutOrder } from './change-paid.ts';
import type { Applied, PaymentDeps } from './payment-deps.ts';

/** R19: a payment that failed is noted once for each attempt and told; a subscription it was to renew is past due. Grants nothing. */
export const noteFailure = async (
  deps: PaymentDeps,
  failed: Extract<PaymentFact, { fact: 'payment_failed' }>,
): Promise<Applied> => {
  const accountId = await accountOfCustomer(deps.table, failed.customerId);
  if (accountId === null) return 'ignored';
  const { id, atMs, nextAttemptMs, amount, currency, subscriptionId } = failed;
  let noted = false;
  const changed = await changeBilling(deps.table, accountId, async (billing) => {
    noted = (await readBillingRow(deps.table, accountId, 'failure', id)) === undefined;
    if (!noted) return null;
    const { subscription } = billing;
    // Of one that Stripe has given up a later try of the owner's own tells nothing.
    const renewing = isLive(subscription) && !isOver(subscription) && subscription.id === subscriptionId;
    const later = renewing && subscription.asOfMs < atMs;
    // What Stripe says of the subscription itself may be heard first.
    const pastDue = later || (renewing && subscription.status === 'past_due');
    const latest = billing.failure === null || billing.failure.atMs <= atMs;
    return {
      billing: {
        ...billing,
        ...(later ? { subscription: { ...subscription, status: 'past_due', asOfMs: atMs } } : {}),
        ...(pastDue && latest ? { failure: { atMs, nextAttemptMs } } : {}),
      },
      rows: [failureRow(accountId, { id, atMs, nextAttemptMs, amount, currency, subscriptionId })],
    };
  });
  if (isRefusal(changed)) throw new Error('a notice cannot be refused');
  return noted ? 'applied' : 'known';
};

/** A Checkout session that can no longer be paid: its order is open no more. */
export const closeCheckout = async (
  deps: PaymentDeps,
  { customerId, orderId }: Extract<PaymentFact, { fact: 'checkout_closed' }>,
): Promise<Applied> => {
  const accountId = await accountOfCustomer(deps.table, customerId);
  if (accountId === null) return 'ignored';
  let closed = false;
  await changeBilling(deps.table, accountId, (billing) => {
    const next = withoutOrder(billing, (id) => id === orderId);
    closed = next !== billing;
    return closed ? { billing: next } : null;
  });
  return closed ? 'applied' : 'known';
};
