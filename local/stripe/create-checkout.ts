import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { badParameter, need, refused } from './api-fault.ts';
import type { CheckoutParams } from './checkout-params.ts';
import { liveCustomer } from './delete-customer.ts';
import { mergedMetadata } from './form-field.ts';
import type { Moment } from './moment.ts';
import { newId } from './new-id.ts';
import type { CheckoutSession, Price } from './records.ts';

const SHORTEST_S = (30 * MINUTE_MS) / SECOND_MS;
const LONGEST_S = DAY_MS / SECOND_MS;

const checkPrices = (mode: CheckoutSession['mode'], prices: readonly Price[]): void => {
  const recurring = prices.filter(({ interval }) => interval !== null).length;
  if (prices.length === 0) throw badParameter('line_items', 'Missing required param: line_items.', 'parameter_missing');
  if (new Set(prices.map(({ currency }) => currency)).size > 1)
    throw refused('All prices must have the same currency.', { param: 'line_items' });
  if (mode === 'payment' && recurring > 0)
    throw refused('You specified `payment` mode but passed a recurring price.', { param: 'line_items' });
  if (mode === 'subscription' && recurring === 0)
    throw refused('You must provide at least one recurring price in `subscription` mode.', { param: 'line_items' });
  if (mode === 'subscription' && prices.length > 1)
    throw refused('The stand-in sells one recurring price in a session, and nothing beside it.', {
      param: 'line_items',
    });
};

/** A session for a person to pay, open for a day or until `expires_at`, which is between 30 minutes and 24 hours away. */
export const createCheckout = ({ db, nowS }: Moment, params: CheckoutParams): CheckoutSession => {
  const { mode, customer, expires_at: expiresAtS = nowS + LONGEST_S } = params;
  if (customer !== undefined) {
    liveCustomer(db, customer, 'customer');
    if (params.customer_email !== undefined)
      throw badParameter('customer_email', 'You may only specify one of these parameters: customer, customer_email.');
  }
  if (expiresAtS < nowS + SHORTEST_S)
    throw badParameter(
      'expires_at',
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
    );
  if (expiresAtS > nowS + LONGEST_S)
    throw badParameter(
      'expires_at',
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
    );
  if (mode === 'payment' && params.subscription_data !== undefined)
    throw badParameter('subscription_data', 'You can not pass `subscription_data` in `payment` mode.');
  if (mode === 'subscription' && params.payment_intent_data !== undefined)
    throw badParameter('payment_intent_data', 'You can not pass `payment_intent_data` in `subscription` mode.');
  checkPrices(
    mode,
    params.line_items.map(({ price: id }, index) => {
      const param = `line_items[${index}][price]`;
      const price = need(db.prices.get(id), 'price', id, param);
      if (!price.active)
        throw refused(`The price specified is inactive. This field only accepts active prices.`, { param });
      return price;
    }),
  );
  return db.checkoutSessions.put({
    id: newId('cs_test'),
    createdS: nowS,
    expiresAtS,
    mode,
    customerId: customer ?? null,
    customerEmail: params.customer_email ?? null,
    lines: params.line_items.map(({ price, quantity = 1 }) => ({ id: newId('li'), priceId: price, quantity })),
    successUrl: params.success_url,
    cancelUrl: params.cancel_url ?? null,
    clientReferenceId: params.client_reference_id ?? null,
    locale: params.locale ?? null,
    submitType: params.submit_type ?? null,
    billingAddressCollection: params.billing_address_collection ?? null,
    allowPromotionCodes: params.allow_promotion_codes ?? null,
    automaticTax: params.automatic_tax?.enabled ?? false,
    taxIdCollection: params.tax_id_collection?.enabled ?? false,
    metadata: mergedMetadata({}, params.metadata),
    subscriptionMetadata: mergedMetadata({}, params.subscription_data?.metadata),
    subscriptionDescription: params.subscription_data?.description ?? null,
    paymentMetadata: mergedMetadata({}, params.payment_intent_data?.metadata),
    paymentDescription: params.payment_intent_data?.description ?? null,
    status: 'open',
    paymentStatus: 'unpaid',
    paymentIntentId: null,
    subscriptionId: null,
    invoiceId: null,
    settlesAtS: null,
  });
};
