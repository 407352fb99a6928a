import type Stripe from 'stripe';
import { DAY_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import type { Dispute } from '../money-records.ts';

const DISPUTE_FEE = 1500;
const DAYS_TO_ANSWER = 9;

const transaction = (dispute: Dispute, createdS: number, sign: 1 | -1): Stripe.BalanceTransaction => {
  const fee = sign === -1 ? DISPUTE_FEE : 0;
  const amount = sign * dispute.amount;
  return {
    id: `txn_${dispute.id.slice(3)}${sign === -1 ? 'w' : 'r'}`,
    object: 'balance_transaction',
    amount,
    available_on: createdS,
    balance_type: 'payments',
    created: createdS,
    currency: dispute.currency,
    description: `Chargeback ${sign === -1 ? 'withdrawal' : 'reversal'} for ${dispute.chargeId}`,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: dispute.currency,
              description: 'Dispute fee',
              type: 'stripe_fee',
            },
          ],
    net: amount - fee,
    reporting_category: sign === -1 ? 'dispute' : 'dispute_reversal',
    source: dispute.id,
    status: 'available',
    type: 'adjustment',
  };
};

const noEvidence: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

export const disputeObject = (dispute: Dispute): Stripe.Dispute => ({
  id: dispute.id,
  object: 'dispute',
  amount: dispute.amount,
  balance_transactions: [
    transaction(dispute, dispute.createdS, -1),
    ...(dispute.status === 'won' ? [transaction(dispute, dispute.closedAtS ?? dispute.createdS, 1)] : []),
  ],
  charge: dispute.chargeId,
  created: dispute.createdS,
  currency: dispute.currency,
  enhanced_eligibility_types: [],
  evidence: noEvidence,
  evidence_details: {
    due_by: dispute.createdS + (DAYS_TO_ANSWER * DAY_MS) / SECOND_MS,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
    submission_method: 'not_submitted',
  },
  intended_submission_method: null,
  is_charge_refundable: false,
  livemode: false,
  metadata: dispute.metadata,
  payment_intent: dispute.paymentIntentId,
  payment_method_details: {
    card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10.4' },
    type: 'card',
  },
  reason: 'fraudulent',
  status: dispute.status,
});
