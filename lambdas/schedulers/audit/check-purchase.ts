import type { Account } from '../../../lib/domain/account.ts';
import { runningGrants } from '../../../lib/domain/boundary.ts';
import type { Entry } from '../../../lib/domain/entry.ts';
import type { HistoryLine } from '../../../lib/domain/history-line.ts';
import { type Purchase, shareOf } from '../../../lib/domain/purchase.ts';
import { backOf, dueBack } from '../../../lib/domain/take-back.ts';
import type { Fault } from './history-walk.ts';

interface PaidLine {
  readonly place: string;
  readonly payment: string;
  readonly entry: Entry;
}

/** Credits of a pack or a subscription that a line begins. */
const boughtBy = ({ changes }: Entry) =>
  changes.filter(
    ({ kind, granted, expiresAtMs }) =>
      (kind === 'pack' || kind === 'subscription') && granted !== undefined && expiresAtMs !== undefined,
  );

/** Lines that name what was paid, but for those that tell of money going back. */
const paidLines = (lines: readonly HistoryLine[]): readonly PaidLine[] =>
  lines.flatMap((line) => {
    if (line.line === 'run' || line.entry.payment === undefined) return [];
    const isPaid = line.entry.kind === 'grant' || line.entry.kind === 'reset' || line.entry.kind === 'adjustment';
    return isPaid ? [{ place: line.place, payment: line.entry.payment, entry: line.entry }] : [];
  });

/** Payments that an account's history says it got credits for: each must have its purchase. */
export const paymentsOf = (lines: readonly HistoryLine[]): ReadonlyMap<string, string> =>
  new Map(
    paidLines(lines)
      .filter(({ entry }) => boughtBy(entry).length > 0)
      .map(({ payment, place }) => [payment, place]),
  );

/** I5: each payment of a purchase gave its grant once; a pack's is the purchase's very own. */
const grantFaults = (purchase: Purchase, lines: readonly HistoryLine[]): readonly Fault[] => {
  const { key, grantId, credits, payments, period } = purchase;
  const own = paidLines(lines).filter(({ payment }) => Object.hasOwn(payments, payment));
  const begun = own.filter(({ entry }) => boughtBy(entry).length > 0);
  const seen = new Set<string>();
  const twice = begun.filter(({ payment }) => seen.has(payment) || !seen.add(payment));
  const faults = twice.map(({ place, payment }) => ({ place, what: `I5: ${key}: ${payment} gave a second grant` }));
  const none = lines.at(-1)?.place ?? null;
  if (period !== undefined) {
    const missing = grantId !== null && own.length === 0;
    return missing ? [...faults, { place: none, what: `I5: ${key} was paid and gave no grant` }] : faults;
  }
  const grant = begun.flatMap(({ entry, place }) => boughtBy(entry).map((change) => ({ ...change, place })))[0];
  if (grant === undefined) return [...faults, { place: none, what: `I5: ${key} was paid and gave no grant` }];
  const same = grant.grantId === grantId && grant.granted === credits;
  const what = `I5: ${key} is for ${credits} in grant ${grantId}, the line gave ${grant.granted} in ${grant.grantId}`;
  return same ? faults : [...faults, { place: grant.place, what }];
};

/** R20: what is out of a live grant, or owed of it, is the share of its money that went back. */
const backFaults = (purchase: Purchase, account: Account, lines: readonly HistoryLine[]): readonly Fault[] => {
  const { key, grantId, credits, period, payments } = purchase;
  const share = shareOf(purchase);
  const isRunning = period !== undefined && account.cycle?.paid?.untilMs === period.endMs;
  const grant = isRunning
    ? runningGrants(account)[0]
    : account.grants.find((each) => period === undefined && each.id === grantId);
  if (grant === undefined) return [];
  const { taken, owed } = backOf(grant);
  const due = dueBack(isRunning ? grant.granted : credits, share);
  if (taken + owed === due) return [];
  const last = lines.findLast(
    (line) => line.line === 'entry' && line.entry.payment !== undefined && Object.hasOwn(payments, line.entry.payment),
  );
  const what = `R20: ${key}: ${taken} taken back and ${owed} owed of grant ${grant.id}, by its money it is ${due}`;
  return [{ place: last?.place ?? null, what }];
};

/** I5, R20: what was paid for gave its one grant, and what went back of the money went back of the credits. */
export const purchaseFaults = (
  purchase: Purchase,
  account: Account | null,
  lines: readonly HistoryLine[],
): readonly Fault[] => [
  ...grantFaults(purchase, lines),
  ...(account === null ? [] : backFaults(purchase, account, lines)),
];
