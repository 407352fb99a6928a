import type Stripe from 'stripe';
import type { Database } from '../database.ts';
import type { CheckoutSession } from '../records.ts';
import { listOf } from './list.ts';
import { priceObject } from './price-object.ts';

/** What is bought, line by line; not part of a session unless it is asked for. */
export const lineItems = (db: Database, session: CheckoutSession): Stripe.LineItem[] =>
  session.lines.map(({ id, priceId, quantity }) => {
    const price = db.prices.get(priceId);
    const amount = (price?.amount ?? 0) * quantity;
    return {
      id,
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price?.currency ?? 'usd',
      description: db.products.get(price?.productId ?? '')?.name ?? null,
      metadata: {},
      price: price === undefined ? null : priceObject(price),
      quantity,
    };
  });

export const lineItemList = (db: Database, session: CheckoutSession): Stripe.ApiList<Stripe.LineItem> =>
  listOf(`/v1/checkout/sessions/${session.id}/line_items`, lineItems(db, session));

export const checkoutSessionObject = (
  db: Database,
  session: CheckoutSession,
  publicUrl: string,
): Stripe.Checkout.Session => {
  const lines = lineItems(db, session);
  const amount = lines.reduce((sum, line) => sum + line.amount_total, 0);
  const customer = session.customerId === null ? undefined : db.customers.get(session.customerId);
  const email = customer?.email ?? session.customerEmail;
  return {
    id: session.id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: session.allowPromotionCodes,
    allowed_payment_method_types: null,
    amount_subtotal: amount,
    amount_total: amount,
    automatic_tax: { enabled: session.automaticTax, liability: null, provider: null, status: null },
    billing_address_collection: session.billingAddressCollection,
    cancel_url: session.cancelUrl,
    client_reference_id: session.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: session.createdS,
    currency: lines[0]?.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: session.customerId,
    customer_account: null,
    customer_creation: session.mode === 'payment' && session.customerId === null ? 'if_required' : null,
    customer_details:
      email === null && session.status === 'open'
        ? null
        : {
            address: null,
            business_name: null,
            email,
            individual_name: null,
            name: customer?.name ?? null,
            phone: null,
            tax_exempt: 'none',
            tax_ids: [],
          },
    customer_email: session.customerEmail,
    discounts: [],
    expires_at: session.expiresAtS,
    integration_identifier: null,
    invoice: session.invoiceId,
    invoice_creation: null,
    livemode: false,
    locale: session.locale,
    managed_payments: null,
    metadata: session.metadata,
    mode: session.mode,
    origin_context: null,
    payment_intent: session.paymentIntentId,
    payment_link: null,
    payment_method_collection: session.mode === 'subscription' ? 'always' : 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card', 'us_bank_account'],
    payment_status: session.paymentStatus,
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: session.status,
    submit_type: session.submitType,
    subscription: session.subscriptionId,
    success_url: session.successUrl,
    tax_id_collection: { enabled: session.taxIdCollection, required: 'never' },
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: session.status === 'open' ? `${publicUrl}/local/stripe/checkout/${session.id}` : null,
    wallet_options: null,
  };
};
