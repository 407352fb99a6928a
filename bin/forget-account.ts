import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { catalog } from '../lib/catalog/catalog.ts';
import { forgetAccount } from '../lib/store/forget-account.ts';
import { findPersonalData, type NotForgotten, type PersonalData } from '../lib/store/personal-data.ts';
import { dynamoClient, openTable } from '../lib/store/table.ts';
import { deleteCustomer } from '../lib/stripe/delete-customer.ts';
import { stripeClient } from '../lib/stripe/stripe-client.ts';

const USAGE = `TABLE_NAME=… STRIPE_SECRET_KEY=… npm run account:forget -- --account SUB [--dry-run]

  Deletes an account's personal data for good, here and at Stripe, and leaves its ledger (docs/adr/0026).
  STRIPE_SECRET_KEY is needed where the account has a customer at Stripe: it must write Customers.`;

const WHY: Readonly<Record<NotForgotten, string>> = {
  unknown_account: 'Nothing is stored under this id. Is it spelled as in the token?',
  runs_held: 'Credits are held for a run. Wait until it has ended, or its deadline, 24 hours at most.',
  subscription_live:
    'A subscription is live. Its owner cancels it, and it ends with its period; to end it now, cancel it in the Stripe Dashboard.',
  checkout_open:
    'A Checkout page may still be paid. It closes an hour after it was opened; the full reconciliation notes what a lost webhook left.',
  refund_open: 'A refund of an old payment has begun and has not come to its end: send the same request again first.',
};

class Misused extends Error {}

const settings = () => {
  const { values } = parseArgs({
    options: { account: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
  });
  const env = z.object({ TABLE_NAME: z.string().check(z.minLength(1)) }).safeParse(process.env);
  if (!env.success) throw new Misused('TABLE_NAME must name the table: the stack’s output TableName.');
  if (values.account === undefined || values.account === '') throw new Misused('--account SUB is missing.');
  return {
    accountId: values.account,
    dryRun: values['dry-run'],
    tableName: env.data.TABLE_NAME,
    endpoint: process.env['DYNAMODB_ENDPOINT'],
    stripeKey: process.env['STRIPE_SECRET_KEY'],
    stripeEndpoint: process.env['STRIPE_ENDPOINT'],
  };
};

const told = ({ accountId, customerId, quotes, wordings }: PersonalData, done: string): string =>
  [
    `${done} of ${accountId}:`,
    `  customer at Stripe: ${customerId ?? 'none'}`,
    `  rows of quotes:     ${quotes.length}`,
    `  lines with words:   ${wordings.length}`,
    '',
  ].join('\n');

const LEFT = `Left to you: the person at the issuer (Cognito: aws cognito-idp admin-delete-user), Stripe's payments and invoices if the law wants
them redacted too, and whoever listens to the bus. Backups and logs forget by themselves (docs/adr/0026).
`;

const main = async (): Promise<void> => {
  const { accountId, dryRun, tableName, endpoint, stripeKey, stripeEndpoint } = settings();
  const client = dynamoClient(endpoint === undefined ? {} : { endpoint });
  const table = openTable(client, tableName, catalog);
  const found = await findPersonalData(table, accountId, Date.now());
  if (typeof found === 'string') throw new Misused(WHY[found]);
  if (dryRun) {
    process.stdout.write(told(found, 'Would be forgotten'));
    return;
  }
  if (found.customerId !== null && stripeKey === undefined)
    throw new Misused(`${found.customerId} is to be deleted at Stripe: STRIPE_SECRET_KEY is missing.`);
  const forgotten = await forgetAccount(table, accountId, Date.now(), (customerId) =>
    deleteCustomer(stripeClient({ apiKey: stripeKey ?? '', endpoint: stripeEndpoint }), customerId),
  );
  if (typeof forgotten === 'string') throw new Misused(WHY[forgotten]);
  process.stdout.write(`${told(forgotten, 'Forgotten')}\n${LEFT}`);
};

await main().catch((fault: unknown) => {
  const said = fault instanceof Misused ? `${fault.message}\n\n${USAGE}` : fault instanceof Error ? fault.message : '';
  process.stderr.write(`${said}\n`);
  process.exitCode = 1;
});
