import type Stripe from 'stripe';
import type { Customer } from '../records.ts';

export const customerObject = (customer: Customer): Stripe.Customer => ({
  id: customer.id,
  object: 'customer',
  address: null,
  balance: customer.balance,
  created: customer.createdS,
  currency: null,
  default_source: null,
  delinquent: false,
  description: customer.description,
  discount: null,
  email: customer.email,
  invoice_prefix: null,
  invoice_settings: {
    custom_fields: null,
    default_payment_method: null,
    footer: null,
    rendering_options: null,
  },
  livemode: false,
  metadata: customer.metadata,
  name: customer.name,
  next_invoice_sequence: 1,
  phone: customer.phone,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none',
  test_clock: null,
});

/** A customer as whoever asks for it by its id gets it. */
export const customerOrDeleted = (customer: Customer): Stripe.Customer | Stripe.DeletedCustomer =>
  customer.deleted ? { id: customer.id, object: 'customer', deleted: true } : customerObject(customer);
