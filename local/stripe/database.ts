import { join } from 'node:path';
import * as z from 'zod/mini';
import { openJournal } from './journal.ts';
import { moneyRecords } from './money-records.ts';
import { flowRecords, settingRecords } from './records.ts';
import { type Changes, createTable } from './table.ts';

const settings = z.object({
  id: z.literal('settings'),
  /** Whether what happens is sent to the webhook. */
  deliver: z.boolean(),
  invoicesNumbered: z.int(),
  /** Redeliveries asked for so far: each shuffles in its own way, and the same way again in the same history. */
  redeliveries: z.int(),
});

const FRESH = { id: 'settings', deliver: true, invoicesNumbered: 0, redeliveries: 0 } as const;

const rowsOf = <Row>(row: z.ZodMiniType<Row>) => z._default(z.array(row), []);

/** The rows that one transaction has put. */
const transaction = z.object({
  settings: rowsOf(settings),
  customers: rowsOf(settingRecords.customer),
  products: rowsOf(settingRecords.product),
  prices: rowsOf(settingRecords.price),
  webhookEndpoints: rowsOf(settingRecords.webhookEndpoint),
  portalConfigurations: rowsOf(settingRecords.portalConfiguration),
  portalSessions: rowsOf(settingRecords.portalSession),
  checkoutSessions: rowsOf(flowRecords.checkoutSession),
  subscriptions: rowsOf(moneyRecords.subscription),
  schedules: rowsOf(moneyRecords.schedule),
  invoices: rowsOf(moneyRecords.invoice),
  paymentIntents: rowsOf(moneyRecords.paymentIntent),
  charges: rowsOf(moneyRecords.charge),
  refunds: rowsOf(moneyRecords.refund),
  disputes: rowsOf(moneyRecords.dispute),
  events: rowsOf(flowRecords.event),
  idempotentAnswers: rowsOf(flowRecords.idempotentAnswer),
});

type Transaction = z.infer<typeof transaction>;

const lineOf = (changes: Changes): object => {
  const line: Record<string, object[]> = {};
  for (const { table, row } of changes) {
    const rows = line[table] ?? [];
    line[table] = rows;
    rows.push(row);
  }
  return line;
};

/**
 * Everything the stand-in knows. With a data directory it is in its `stripe.jsonl` after every transaction, so that what has been answered
 * survives a restart or a kill; without one it is in memory.
 */
export const openDatabase = (dataDir: string | undefined) => {
  const journal = openJournal(dataDir === undefined ? undefined : join(dataDir, 'stripe.jsonl'), transaction);
  const changes: Changes = [];
  const open = <Row extends { readonly id: string }>(name: string, rows: (of: Transaction) => readonly Row[]) =>
    createTable(name, journal.lines.flatMap(rows), changes);
  const tables = {
    settings: open('settings', (of) => of.settings),
    customers: open('customers', (of) => of.customers),
    products: open('products', (of) => of.products),
    prices: open('prices', (of) => of.prices),
    webhookEndpoints: open('webhookEndpoints', (of) => of.webhookEndpoints),
    portalConfigurations: open('portalConfigurations', (of) => of.portalConfigurations),
    portalSessions: open('portalSessions', (of) => of.portalSessions),
    checkoutSessions: open('checkoutSessions', (of) => of.checkoutSessions),
    subscriptions: open('subscriptions', (of) => of.subscriptions),
    schedules: open('schedules', (of) => of.schedules),
    invoices: open('invoices', (of) => of.invoices),
    paymentIntents: open('paymentIntents', (of) => of.paymentIntents),
    charges: open('charges', (of) => of.charges),
    refunds: open('refunds', (of) => of.refunds),
    disputes: open('disputes', (of) => of.disputes),
    events: open('events', (of) => of.events),
    idempotentAnswers: open('idempotentAnswers', (of) => of.idempotentAnswers),
  };
  journal.replace(Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.all()])));

  return {
    ...tables,
    settingsNow: () => tables.settings.get('settings') ?? FRESH,
    /** All that `act` puts, or nothing when it throws. It is kept before this returns. */
    transact: <Result>(act: () => Result): Result => {
      changes.length = 0;
      try {
        const result = act();
        if (changes.length > 0) journal.append(lineOf(changes));
        return result;
      } catch (error) {
        for (const { undo } of changes.reverse()) undo();
        throw error;
      } finally {
        changes.length = 0;
      }
    },
  };
};

export type Database = ReturnType<typeof openDatabase>;
