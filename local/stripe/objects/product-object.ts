import type Stripe from 'stripe';
import type { Product } from '../records.ts';

export const productObject = (product: Product): Stripe.Product => ({
  id: product.id,
  object: 'product',
  active: product.active,
  created: product.createdS,
  default_price: product.defaultPriceId,
  description: product.description,
  images: [],
  livemode: false,
  marketing_features: [],
  metadata: product.metadata,
  name: product.name,
  package_dimensions: null,
  shippable: null,
  statement_descriptor: null,
  tax_code: null,
  tax_details: null,
  type: 'service',
  unit_label: null,
  updated: product.updatedS,
  url: null,
});
