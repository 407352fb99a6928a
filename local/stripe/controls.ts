import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import { type Answer, gatewayAnswer, json } from '../http-answer.ts';
import { need } from './api-fault.ts';
import type { ApiServer } from './api-server.ts';
import { checkoutPage } from './checkout-page.ts';
import { answerOf, readJson, readText } from './control-answer.ts';
import { deleteCustomer, liveCustomer } from './delete-customer.ts';
import type { Deliver } from './deliveries.ts';
import { closeDispute, openDispute } from './dispute.ts';
import { decodeForm } from './form.ts';
import { html, page } from './html.ts';
import { addLegacyPayment } from './legacy-payment.ts';
import type { Moment } from './moment.ts';
import { checkoutSessionObject } from './objects/checkout-session-object.ts';
import { customerObject } from './objects/customer-object.ts';
import { disputeObject } from './objects/dispute-object.ts';
import { eventObject } from './objects/event-object.ts';
import { paymentIntentObject } from './objects/payment-intent-object.ts';
import { refundObject } from './objects/refund-object.ts';
import { paidCharge } from './paid-charge.ts';
import { payCheckout } from './pay-checkout.ts';
import { portalPage } from './portal-page.ts';
import type { CheckoutSession, StoredEvent } from './records.ts';
import { redeliver } from './redeliver.ts';
import { failRefund, refundCharge } from './refund.ts';
import type { Stage } from './stage.ts';

const id = z.string('a text').check(z.minLength(1, 'must not be empty'));
const nothing = z.strictObject({});
const payment = z.strictObject({ outcome: z.enum(['paid', 'declined', 'paid_later']) });
const refund = z.strictObject({ paymentIntentId: id, amount: z.optional(z.int().check(z.minimum(1))) });
const dispute = z.strictObject({ paymentIntentId: id });
const verdict = z.strictObject({ outcome: z.enum(['won', 'lost']) });
const card = z.strictObject({ nextPayment: z.enum(['succeeds', 'fails']) });
const webhooks = z.strictObject({ deliver: z.boolean() });
const legacyPayment = z.strictObject({
  accountId: z.optional(id),
  customerId: z.optional(id),
  amount: z.int('a whole number of the smallest unit').check(z.minimum(1)),
  currency: z._default(z.string().check(z.regex(/^[a-z]{3}$/, 'a lower case three-letter currency')), 'usd'),
  createdAt: z.iso.datetime({ offset: true, error: 'an ISO 8601 instant such as 2026-01-31T12:00:00Z' }),
});
const trouble = z.strictObject({
  outage: z.optional(z.union([z.boolean(), z.literal('lost_answers')], 'true, false or "lost_answers"')),
  delayMs: z.optional(z.int().check(z.minimum(0), z.maximum(60_000))),
});
const redelivery = z.strictObject({
  eventIds: z.optional(z.array(id)),
  times: z._default(z.int().check(z.minimum(1), z.maximum(1_000)), 1),
  order: z._default(z.enum(['as_is', 'reversed', 'shuffled']), 'as_is'),
  concurrently: z._default(z.union([z.boolean(), z.int().check(z.minimum(1))]), false),
});

/** A session as Stripe shows it, with the payment intent it was paid with, which in subscription mode only its invoice names. */
const shownSession = ({ db, publicUrl }: Moment, session: CheckoutSession) => ({
  ...checkoutSessionObject(db, session, publicUrl()),
  paymentIntentId: session.paymentIntentId ?? db.invoices.get(session.invoiceId ?? '')?.paymentIntentId ?? null,
});

const shownEvent = (event: StoredEvent) => ({
  ...eventObject(event),
  delivery: {
    attempts: event.attempts,
    delivered: event.delivered,
    lastStatus: event.lastStatus,
    nextAttemptAt: event.nextAttemptMs === null ? null : new Date(event.nextAttemptMs).toISOString(),
  },
});

const readForm = async (request: IncomingMessage): Promise<unknown> => decodeForm(await readText(request));

const IS_PAGE = /^\w+ \/(checkout|portal)\/[^/]+$/;
const NO_SUCH_PAGE = page(404, 'Not found', html`<p>There is no such page any more. Ask for a new one.</p>`);

type Handle = (request: IncomingMessage, id: string) => Promise<Answer>;

/** The controls of the stand-in and its hosted pages. Each answers when what it has led to has been delivered. */
export const createControls = (stage: Stage, deliver: Deliver, server: Pick<ApiServer, 'outage' | 'delayMs'>) => {
  const { db, now, act, look } = stage;
  const checkout = checkoutPage(stage);
  const portal = portalPage(stage);

  const handles: Readonly<Record<string, Handle>> = {
    'GET /checkout/:id': (_, sessionId) => checkout.show(sessionId),
    'POST /checkout/:id': async (request, sessionId) => checkout.press(sessionId, await readForm(request)),
    'GET /portal/:id': (_, sessionId) => portal.show(sessionId),
    'POST /portal/:id': async (request, sessionId) => portal.press(sessionId, await readForm(request)),

    'POST /checkout/:id/pay': async (request, sessionId) => {
      const { outcome } = await readJson(request, payment);
      const paid = await act((moment) => {
        const session = need(db.checkoutSessions.get(sessionId), 'checkout.session', sessionId);
        return shownSession(moment, payCheckout(moment, session, outcome));
      });
      return json(200, paid);
    },
    'POST /refunds': async (request) => {
      const { paymentIntentId, amount } = await readJson(request, refund);
      const made = await act((moment) => {
        const charge = paidCharge(db, paymentIntentId, 'paymentIntentId');
        return refundCharge(moment, charge, { amount, reason: 'requested_by_customer', metadata: {} });
      });
      return json(200, { ...refundObject(db, made), paymentIntentId });
    },
    'POST /refunds/:id/fail': async (request, refundId) => {
      await readJson(request, nothing);
      const failed = await act((moment) => failRefund(moment, need(db.refunds.get(refundId), 'refund', refundId)));
      return json(200, { ...refundObject(db, failed), paymentIntentId: failed.paymentIntentId });
    },
    'POST /disputes': async (request) => {
      const { paymentIntentId } = await readJson(request, dispute);
      const opened = await act((moment) => openDispute(moment, paidCharge(db, paymentIntentId, 'paymentIntentId')));
      return json(200, { ...disputeObject(opened), paymentIntentId });
    },
    'POST /disputes/:id/close': async (request, disputeId) => {
      const { outcome } = await readJson(request, verdict);
      const closed = await act((moment) =>
        closeDispute(moment, need(db.disputes.get(disputeId), 'dispute', disputeId), outcome),
      );
      return json(200, { ...disputeObject(closed), paymentIntentId: closed.paymentIntentId });
    },
    'POST /legacy-payments': async (request) => {
      const { createdAt, ...legacy } = await readJson(request, legacyPayment);
      const payment = await act((moment) =>
        addLegacyPayment(moment, { ...legacy, createdAtMs: Date.parse(createdAt) }),
      );
      return json(200, {
        ...paymentIntentObject(payment),
        paymentIntentId: payment.id,
        customerId: payment.customerId,
      });
    },
    'PUT /customers/:id': async (request, customerId) => {
      const { nextPayment } = await readJson(request, card);
      const customer = await act(() =>
        db.customers.put({ ...need(db.customers.get(customerId), 'customer', customerId), nextPayment }),
      );
      return json(200, { ...customerObject(customer), nextPayment });
    },
    // As in the dashboard.
    'DELETE /customers/:id': async (_, customerId) => {
      await act((moment) => deleteCustomer(moment, liveCustomer(db, customerId)));
      return json(200, { id: customerId, deleted: true });
    },
    'PUT /api': async (request) => {
      const { outage, delayMs } = await readJson(request, trouble);
      if (outage !== undefined) server.outage(outage);
      if (delayMs !== undefined) server.delayMs(delayMs);
      return json(200, { ...(outage !== undefined && { outage }), ...(delayMs !== undefined && { delayMs }) });
    },
    'PUT /webhooks': async (request) => {
      const { deliver: on } = await readJson(request, webhooks);
      await act(() => db.settings.put({ ...db.settingsNow(), deliver: on }));
      return json(200, { deliver: on });
    },
    'POST /webhooks/redeliver': async (request) => {
      const asked = await readJson(request, redelivery);
      const deliveries = await look(() => redeliver(db, asked, deliver, now));
      // What the receiver has done at Stripe in answer to them is delivered too.
      await look(() => undefined);
      return json(200, { statuses: deliveries.map(({ status }) => status), deliveries });
    },
    'GET /events': () => look(() => json(200, { events: db.events.all().map(shownEvent) })),
  };
  const routes = Object.entries(handles).map(([call, handle]) => ({
    pattern: new RegExp(`^${call.replace(':id', '([^/]+)')}$`),
    handle,
  }));

  /** `path` is the request's without its query, and begins with `/local/stripe/`. */
  return async (request: IncomingMessage, path: string): Promise<Answer> => {
    const call = `${request.method} ${path.replace(/^\/local\/stripe/, '')}`;
    for (const { pattern, handle } of routes) {
      const match = pattern.exec(call);
      if (match === null) continue;
      const answer = await answerOf(() => handle(request, match[1] ?? ''));
      return answer.status === 404 && IS_PAGE.test(call) ? NO_SUCH_PAGE : answer;
    }
    return gatewayAnswer.notFound;
  };
};
