import { readPayment, readPurchase } from '../../../lib/store/billing.ts';
import { readLedger } from '../../../lib/store/ledger.ts';
import type { Table } from '../../../lib/store/table.ts';
import { ledgerFaults } from './check-ledger.ts';
import { paymentsOf, purchaseFaults } from './check-purchase.ts';
import type { Fault } from './history-walk.ts';

/** What was looked at, and what is wrong with it; `busy`: it was written again and again meanwhile, and is for another time. */
export interface Audited {
  readonly accountId: string;
  readonly busy: boolean;
  readonly lines: number;
  readonly faults: readonly Fault[];
  /** The purchases its credits came of. */
  readonly purchases: readonly string[];
}

/** I1 to I5 of one account, and that what was paid for has its purchase. Reads; writes nothing. */
export const auditAccount = async (table: Table, accountId: string): Promise<Audited> => {
  const read = await readLedger(table, accountId, async () => undefined);
  if (read === null) return { accountId, busy: true, lines: 0, faults: [], purchases: [] };
  const { ledger } = read;
  const faults = [...ledgerFaults(ledger)];
  const purchases = new Set<string>();
  for (const [payment, place] of paymentsOf(ledger.lines)) {
    const key = (await readPayment(table, payment))?.key;
    if (key === undefined) faults.push({ place, what: `I5: credits for ${payment}, of which no purchase is known` });
    else purchases.add(key);
  }
  return { accountId, busy: false, lines: ledger.lines.length + ledger.bad.length, faults, purchases: [...purchases] };
};

/** I5, R20: one purchase against the history and the account it was for. */
export const auditPurchase = async (table: Table, key: string): Promise<Audited> => {
  const known = await readPurchase(table, key);
  const owner = known?.accountId ?? '';
  const none = { accountId: owner, busy: false, lines: 0, purchases: [key] };
  if (known === null) return { ...none, faults: [{ place: null, what: `I5: ${key} is not there` }] };
  const read = await readLedger(table, owner, () => readPurchase(table, key));
  if (read === null || read.beside === null) return { ...none, busy: true, faults: [] };
  const { account, lines } = read.ledger;
  return { ...none, faults: purchaseFaults(read.beside, account, lines) };
};
