import { getBalance, getPreferences, getRun, listUsage, putPreferences } from './account.ts';
import { createRun } from './approve.ts';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  getBilling,
  refundLegacy,
  requestQuote,
  resumeSubscription,
} from './billing.ts';
import { createEstimate } from './estimate.ts';
import type { Operation } from './operation.ts';
import { getHealth, getOpenapi, getPricing } from './pricing.ts';
import { extendRun, failRun, settleRun } from './settle.ts';
import { assignPlan, getAccount, grantCredits, refundRun } from './support.ts';
import { stripeWebhook } from './webhooks.ts';

/** Every call of the API; the stack's routes, the OpenAPI document and the local server are made from it. */
export const operations: readonly Operation[] = [
  getPricing,
  getOpenapi,
  getHealth,
  createEstimate,
  createRun,
  getRun,
  settleRun,
  failRun,
  extendRun,
  getBalance,
  listUsage,
  getPreferences,
  putPreferences,
  getBilling,
  createCheckout,
  createPortal,
  cancelSubscription,
  resumeSubscription,
  changePlan,
  requestQuote,
  getAccount,
  grantCredits,
  assignPlan,
  refundRun,
  refundLegacy,
  stripeWebhook,
];
