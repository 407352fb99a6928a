import * as z from 'zod/mini';
import type { Answer } from '../http-answer.ts';
import { need } from './api-fault.ts';
import type { Database } from './database.ts';
import { button, type Html, html, money, NOTHING, page, seeOther } from './html.ts';
import { lineItems } from './objects/checkout-session-object.ts';
import { payCheckout } from './pay-checkout.ts';
import type { CheckoutSession } from './records.ts';
import type { Stage } from './stage.ts';

const pressed = z.object({ outcome: z.enum(['paid', 'declined', 'paid_later']) });

const find = (db: Database, id: string): CheckoutSession => need(db.checkoutSessions.get(id), 'checkout.session', id);

/** Where the customer goes after paying. https://docs.stripe.com/payments/checkout/custom-success-page */
const successUrl = (session: CheckoutSession): string =>
  session.successUrl.replaceAll('{CHECKOUT_SESSION_ID}', session.id);

const back = ({ cancelUrl }: CheckoutSession): Html =>
  cancelUrl === null ? NOTHING : html`<p><a href="${cancelUrl}">Back without paying</a></p>`;

const buttons = (session: CheckoutSession): Html => {
  if (session.status === 'expired') return html`<p class="note">This session has expired.</p>${back(session)}`;
  if (session.status === 'complete')
    return html`<p class="note">${session.paymentStatus === 'paid' ? 'This has been paid.' : 'The payment is on its way.'}</p>
<p><a href="${successUrl(session)}">Go on</a></p>`;
  return html`${button('Pay', { outcome: 'paid' }, true)}
${button('Pay by bank debit (a day later)', { outcome: 'paid_later' })}
${button('Try a card that is declined', { outcome: 'declined' })}
${back(session)}`;
};

const show = (db: Database, session: CheckoutSession, alert: Html = NOTHING): Answer => {
  const lines = lineItems(db, session);
  const sum = lines.reduce((total, line) => total + line.amount_total, 0);
  const currency = lines[0]?.currency ?? 'usd';
  const interval = db.prices.get(session.lines[0]?.priceId ?? '')?.interval;
  return page(
    200,
    session.mode === 'subscription' ? 'Subscribe' : 'Pay',
    html`${alert}
<table>
<thead><tr><th scope="col">What</th><th scope="col" class="amount">Amount</th></tr></thead>
<tbody>
${lines.map((line) => html`<tr><th scope="row">${line.quantity ?? 1} × ${line.description ?? ''}</th><td class="amount">${money(line.amount_total, line.currency)}</td></tr>`)}
</tbody>
<tfoot><tr><th scope="row">Total${interval ? ` each ${interval}` : ''}</th><td class="amount">${money(sum, currency)}</td></tr></tfoot>
</table>
${buttons(session)}`,
  );
};

/** The hosted Checkout. */
export const checkoutPage = ({ db, look, act }: Stage) => ({
  show: (id: string): Promise<Answer> => look(() => show(db, find(db, id))),
  /** What comes from its buttons. */
  press: async (id: string, form: unknown): Promise<Answer> => {
    const given = pressed.safeParse(form);
    if (!given.success || find(db, id).status !== 'open') return look(() => show(db, find(db, id)));
    const session = await act((moment) => payCheckout(moment, find(db, id), given.data.outcome));
    return session.status === 'open'
      ? show(db, session, html`<p class="alert" role="alert">Your card was declined.</p>`)
      : seeOther(successUrl(session));
  },
});
