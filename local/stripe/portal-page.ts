import * as z from 'zod/mini';
import type { Answer } from '../http-answer.ts';
import { need } from './api-fault.ts';
import { cardOutcome, collect } from './collect.ts';
import type { Database } from './database.ts';
import { button, type Html, html, money, NOTHING, page, seeOther } from './html.ts';
import { amountDueOf } from './invoice-amounts.ts';
import type { Moment } from './moment.ts';
import type { Invoice } from './money-records.ts';
import type { Customer } from './records.ts';
import { type Stage, shownInstant } from './stage.ts';

const pressed = z.discriminatedUnion('action', [
  z.object({ action: z.literal('card') }),
  z.object({ action: z.literal('pay'), id: z.string() }),
]);

const customerOf = (db: Database, sessionId: string): Customer => {
  const session = need(db.portalSessions.get(sessionId), 'billing_portal.session', sessionId);
  return need(db.customers.get(session.customerId), 'customer', session.customerId);
};

const nameOf = ({ number }: Invoice): string => number ?? 'Draft';

const invoiceRow = (invoice: Invoice): Html => html`<tr>
<th scope="row">${nameOf(invoice)}</th><td>${shownInstant(invoice.createdS)}</td><td>${invoice.status}</td>
<td class="amount">${money(amountDueOf(invoice), invoice.currency)}</td>
<td>${invoice.status === 'open' ? button(`Pay ${nameOf(invoice)} now`, { action: 'pay', id: invoice.id }) : NOTHING}</td>
</tr>`;

const invoiceTable = (invoices: readonly Invoice[]): Html =>
  invoices.length === 0
    ? html`<p>There are none yet.</p>`
    : html`<table>
<thead><tr><th scope="col">Number</th><th scope="col">Made</th><th scope="col">Status</th><th scope="col" class="amount">Amount</th><td></td></tr></thead>
<tbody>
${invoices.map(invoiceRow)}
</tbody>
</table>`;

const show = (db: Database, sessionId: string): Answer => {
  const customer = customerOf(db, sessionId);
  const returnUrl = db.portalSessions.get(sessionId)?.returnUrl ?? null;
  const invoices = db.invoices.all().filter(({ customerId }) => customerId === customer.id);
  const works = customer.nextPayment === 'succeeds';
  return page(
    200,
    'Billing',
    html`<p class="note">${customer.email ?? customer.id}</p>
<h2>Card</h2>
<p>${works ? 'Visa ending in 4242. Payments with it succeed.' : 'Visa ending in 0341. Payments with it are declined.'}</p>
${button(works ? 'Use a card that is declined' : 'Use a card that works', { action: 'card' })}
<h2>Invoices</h2>
${invoiceTable([...invoices].reverse())}
${returnUrl === null ? NOTHING : html`<p><a href="${returnUrl}">Back</a></p>`}`,
  );
};

const perform = (moment: Moment, customer: Customer, what: z.infer<typeof pressed>): void => {
  const { db } = moment;
  if (what.action === 'card') {
    db.customers.put({ ...customer, nextPayment: customer.nextPayment === 'fails' ? 'succeeds' : 'fails' });
    return;
  }
  const invoice = db.invoices.get(what.id);
  if (invoice?.customerId === customer.id && invoice.status === 'open')
    collect(moment, invoice, cardOutcome(moment, customer.id));
};

/** The hosted billing portal: cards and invoices. Cancelling and changing plan are this system's own calls. */
export const portalPage = ({ db, look, act }: Stage) => ({
  show: (id: string): Promise<Answer> => look(() => show(db, id)),
  /** What comes from its buttons. Ones that no longer fit do nothing. */
  press: async (id: string, form: unknown): Promise<Answer> => {
    const given = pressed.safeParse(form);
    if (given.success) await act((moment) => perform(moment, customerOf(db, id), given.data));
    return seeOther(`/local/stripe/portal/${id}`);
  },
});
