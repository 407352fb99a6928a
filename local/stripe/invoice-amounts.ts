import type { Invoice } from './money-records.ts';

export const totalOf = (invoice: Pick<Invoice, 'lines'>): number =>
  invoice.lines.reduce((sum, line) => sum + line.amount, 0);

/** What is to be paid after the customer's credit; a total below zero becomes credit and leaves nothing to pay. */
export const amountDueOf = (invoice: Pick<Invoice, 'lines' | 'startingBalance'>): number =>
  Math.max(0, totalOf(invoice) + invoice.startingBalance);

/** The customer's balance after the invoice: credit that is left, or nothing. */
export const endingBalanceOf = (invoice: Pick<Invoice, 'lines' | 'startingBalance'>): number =>
  Math.min(0, totalOf(invoice) + invoice.startingBalance);
