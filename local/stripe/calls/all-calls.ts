import type { Call } from '../api-call.ts';
import { checkoutSessionCalls } from './checkout-session-calls.ts';
import { customerCalls } from './customer-calls.ts';
import { eventCalls } from './event-calls.ts';
import { invoiceCalls } from './invoice-calls.ts';
import { paymentCalls } from './payment-calls.ts';
import { portalConfigurationCalls } from './portal-configuration-calls.ts';
import { portalSessionCalls } from './portal-session-calls.ts';
import { priceCalls } from './price-calls.ts';
import { productCalls } from './product-calls.ts';
import { refundCalls } from './refund-calls.ts';
import { scheduleCalls } from './schedule-calls.ts';
import { subscriptionCalls } from './subscription-calls.ts';
import { webhookEndpointCalls } from './webhook-endpoint-calls.ts';

/** Every call of Stripe's API that the stand-in answers. */
export const allCalls: readonly Call[] = [
  ...checkoutSessionCalls,
  ...customerCalls,
  ...eventCalls,
  ...invoiceCalls,
  ...paymentCalls,
  ...portalConfigurationCalls,
  ...portalSessionCalls,
  ...priceCalls,
  ...productCalls,
  ...refundCalls,
  ...scheduleCalls,
  ...subscriptionCalls,
  ...webhookEndpointCalls,
];
