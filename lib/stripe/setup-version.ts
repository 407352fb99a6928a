import { again } from './buying-options.ts';
import type { SetupPart } from './setup-change.ts';
import type { StripeClient } from './stripe-client.ts';

/** The first API version with a subscription's period on its items and an invoice's subscription under `parent`: 2025-03-31.basil. */
const READABLE_SINCE = '2025-03-31';
const DATE = READABLE_SINCE.length;

const older = (version: string): string =>
  `the account's default API version is ${version}, as its last event shows, and the hourly reconciliation has to ask for each object of its events anew: raise it in the Dashboard (Workbench, Overview, API versions) to 2025-03-31.basil or later. Other software with this account's key may need the old one: look there first`;

/**
 * Webhooks come in the version of their endpoint, which is ours; events that are read back have that of the account when they were made.
 * No call tells the account's version: its last event does, where there is one. https://docs.stripe.com/api/events/object
 */
export const planVersion = async (stripe: StripeClient): Promise<SetupPart> => {
  const [last] = (await stripe.events.list({ limit: 1 }, again)).data;
  const version = last?.api_version ?? null;
  const isOld = version !== null && version.slice(0, DATE) < READABLE_SINCE;
  return { changes: [], faults: [], byHand: isOld ? [older(version)] : [] };
};
