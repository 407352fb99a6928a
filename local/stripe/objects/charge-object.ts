import type Stripe from 'stripe';
import type { Charge } from '../money-records.ts';
import { DECLINED, paymentMethodDetails } from './payment-method.ts';

const outcomeOf = (charge: Charge): Stripe.Charge.Outcome => {
  const failed = charge.status === 'failed';
  return {
    advice_code: failed ? 'try_again_later' : null,
    network_advice_code: null,
    network_decline_code: failed ? '05' : null,
    network_status: failed ? 'declined_by_network' : 'approved_by_network',
    reason: failed ? DECLINED.decline_code : null,
    risk_level: 'normal',
    risk_score: 7,
    seller_message: failed ? 'The bank did not return any further details with this decline.' : 'Payment complete.',
    type: failed ? 'issuer_declined' : 'authorized',
  };
};

export const chargeObject = (charge: Charge): Stripe.Charge => {
  const failed = charge.status === 'failed';
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: failed ? 0 : charge.amount,
    amount_refunded: charge.amountRefunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: 'STAND-IN',
    captured: !failed,
    created: charge.createdS,
    currency: charge.currency,
    customer: charge.customerId,
    description: charge.description,
    disputed: charge.disputed,
    failure_balance_transaction: null,
    failure_code: failed ? DECLINED.code : null,
    failure_message: failed ? DECLINED.message : null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(charge),
    paid: charge.status === 'succeeded',
    payment_intent: charge.paymentIntentId,
    payment_method: null,
    payment_method_details: paymentMethodDetails(charge),
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: charge.amountRefunded === charge.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: charge.status,
    transfer_data: null,
    transfer_group: null,
  };
};
