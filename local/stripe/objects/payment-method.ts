import type Stripe from 'stripe';
import type { Charge } from '../money-records.ts';

export const DECLINED = {
  code: 'card_declined',
  decline_code: 'generic_decline',
  message: 'Your card was declined.',
} as const;

/** What was paid with: Stripe's test card, or its test bank account. */
export const paymentMethodDetails = (charge: Charge): Stripe.Charge.PaymentMethodDetails =>
  charge.method === 'us_bank_account'
    ? {
        type: 'us_bank_account',
        us_bank_account: {
          account_holder_type: 'individual',
          account_type: 'checking',
          bank_name: 'STRIPE TEST BANK',
          fingerprint: null,
          last4: '6789',
          payment_reference: null,
          routing_number: '110000000',
        },
      }
    : {
        type: 'card',
        card: {
          amount_authorized: charge.status === 'failed' ? null : charge.amount,
          authorization_code: null,
          brand: 'visa',
          checks: null,
          country: 'US',
          electronic_commerce_indicator: null,
          exp_month: 12,
          exp_year: 2099,
          fingerprint: null,
          funding: 'credit',
          installments: null,
          last4: charge.status === 'failed' ? '0341' : '4242',
          mandate: null,
          network: 'visa',
          network_transaction_id: null,
          regulated_status: null,
          three_d_secure: null,
          transaction_link_id: null,
          wallet: null,
        },
      };
