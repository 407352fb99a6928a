import { parseArgs } from 'node:util';
import { type Auditing, added, auditPart, NOTHING } from '../lambdas/schedulers/audit/audit.ts';
import { type Audited, auditAccount, auditPurchase } from '../lambdas/schedulers/audit/audit-account.ts';
import type { Table } from '../lib/store/table.ts';
import { whichTable } from './which-table.ts';

const USAGE = `npm run audit [-- --account <id>]

Compares what accounts are with what their histories tell (I1 to I5), and purchases with what they gave. Reads only. Ends with 1 where
something is wrong. On AWS: TABLE_NAME=... AWS_REGION=... npm run audit. Reads the whole table and every history: half and one read unit
for each 4 KB.`;

const show = ({ accountId, faults }: Audited): void => {
  console.log(`\n${accountId}`);
  for (const { place, what } of faults) console.log(`  ${place ?? '(the account)'}  ${what}`);
};

/** Parts of the table read at once. */
const PARTS = 4;

const everything = async (table: Table) => {
  const deps: Auditing = {
    table,
    hasTime: () => true,
    drifted: show,
    failed: (what, fault) => console.error(`${what} could not be checked: ${String(fault)}`),
  };
  const parts = await Promise.all(Array.from({ length: PARTS }, (_, part) => auditPart(deps, { part, of: PARTS })));
  return parts.reduce(added, NOTHING);
};

const one = async (table: Table, accountId: string) => {
  const account = await auditAccount(table, accountId);
  const purchases = [];
  for (const key of account.purchases) purchases.push(await auditPurchase(table, key));
  const all = [account, ...purchases];
  const wrong = all.filter(({ faults }) => faults.length > 0);
  wrong.forEach(show);
  return {
    ...NOTHING,
    accounts: account.lines > 0 ? 1 : 0,
    purchases: purchases.length,
    lines: account.lines,
    drift: wrong.length,
    left: all.filter(({ busy }) => busy).length,
  };
};

const { values } = parseArgs({ options: { account: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) console.log(USAGE);
else {
  const { table, where, close } = await whichTable(process.env);
  try {
    const checked = await (values.account === undefined ? everything(table) : one(table, values.account));
    const { accounts, purchases, lines, drift, left } = checked;
    console.log(
      `\n${where}: ${accounts} accounts, ${lines} lines, ${purchases} purchases checked; ${drift} with drift, ${left} left out`,
    );
    if (drift + left > 0) process.exitCode = 1;
  } finally {
    await close();
  }
}
