import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http-answer.ts';
import { createApi } from './api.ts';
import { need } from './api-fault.ts';
import { type ApiServer, openApiServer } from './api-server.ts';
import { type Clockwork, createClockwork } from './clockwork.ts';
import { createControls } from './controls.ts';
import { openDatabase } from './database.ts';
import type { Deliver } from './deliveries.ts';
import { addLegacyPayment, type LegacyPayment } from './legacy-payment.ts';
import { failRefund } from './refund.ts';
import { type SeededPrice, seed } from './seed.ts';
import { createStage } from './stage.ts';

export interface StandInOptions {
  /** Where `stripe.jsonl` is; without one everything is in memory. */
  readonly dataDir?: string | undefined;
  readonly now: () => number;
  readonly deliver: Deliver;
  /** Of the main server, where the hosted pages are: `http://localhost:3000`. */
  readonly publicUrl: () => string;
  readonly prices: readonly SeededPrice[];
}

export interface StripeStandIn
  extends Pick<ApiServer, 'port' | 'outage' | 'delayMs'>,
    Pick<Clockwork, 'advanceTo' | 'nextDueMs'> {
  /** Answers what is below `/local/stripe/`; `path` is without the query. */
  readonly answer: (request: IncomingMessage, path: string) => Promise<Answer>;
  /** When all that the calls so far have led to has been delivered. Deliveries begin after a call's answer, as Stripe's do. */
  readonly idle: () => Promise<void>;
  /** The customer's bank sends a refund back. */
  readonly failRefund: (refundId: string) => Promise<void>;
  /** A payment of before this system, as `POST /local/stripe/legacy-payments` makes one; answers with its payment intent's id. */
  readonly addLegacyPayment: (payment: LegacyPayment) => Promise<string>;
  readonly close: () => Promise<void>;
}

/**
 * A small Stripe on this machine, behind the real SDK (`host: 'localhost', port, protocol: 'http'`, key `LOCAL_STRIPE_KEY`). It answers as API
 * 2026-10-28.endive for what this system uses, and refuses the rest. Nothing happens in it by itself but in `advanceTo`, so whoever moves the
 * clock calls it, and once at the start for what a stop has left undone.
 *
 * Not simulated: taxes, coupons, trials, metered prices, more than one item in a subscription, pauses, schedules of more than one change or of one
 * within a period, 3-D Secure, rate limits, payment methods as objects, balance transactions but those of disputes, `invoice.updated` and
 * `invoice.upcoming`, and that Stripe puts off making an invoice final while `invoice.created` is not delivered.
 */
export const openStripe = async (options: StandInOptions): Promise<StripeStandIn> => {
  const { dataDir, now, deliver, publicUrl, prices } = options;
  const db = openDatabase(dataDir);
  db.transact(() => seed(db, now(), prices));
  const clockwork = createClockwork(db, deliver, now, publicUrl);
  const stage = createStage(db, clockwork, now, publicUrl);
  const server = await openApiServer(createApi(db, now, publicUrl), () => {
    clockwork.advanceTo(now()).catch(console.error);
  });
  return {
    port: server.port,
    outage: server.outage,
    delayMs: server.delayMs,
    advanceTo: clockwork.advanceTo,
    nextDueMs: clockwork.nextDueMs,
    answer: createControls(stage, deliver, server),
    idle: () => clockwork.advanceTo(now()),
    failRefund: async (refundId) => {
      await stage.act((moment) => failRefund(moment, need(db.refunds.get(refundId), 'refund', refundId)));
    },
    addLegacyPayment: async (payment) => (await stage.act((moment) => addLegacyPayment(moment, payment))).id,
    close: async () => {
      await server.close();
      await clockwork.stop();
    },
  };
};
