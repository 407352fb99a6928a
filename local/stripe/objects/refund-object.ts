import type Stripe from 'stripe';
import type { Database } from '../database.ts';
import type { Refund } from '../money-records.ts';

export const refundObject = (db: Database, refund: Refund): Stripe.Refund => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amount,
  balance_transaction: null,
  charge: refund.chargeId,
  created: refund.createdS,
  currency: refund.currency,
  customer: db.charges.get(refund.chargeId)?.customerId ?? null,
  customer_account: null,
  destination_details: {
    card: {
      ...(refund.referenced && { reference: refund.id.slice(-11) }),
      reference_status: refund.referenced ? 'available' : 'pending',
      reference_type: 'acquirer_reference_number',
      type: 'refund',
    },
    type: 'card',
  },
  ...(refund.status === 'failed' && { failure_reason: 'lost_or_stolen_card' }),
  metadata: refund.metadata,
  payment_intent: refund.paymentIntentId,
  payment_method: null,
  reason: refund.reason,
  receipt_number: null,
  source_transfer_reversal: null,
  status: refund.status,
  transfer_reversal: null,
});
