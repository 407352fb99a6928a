import type { Account, GrantKind } from './account.ts';
import { type Begun, beginGrant } from './begin-grant.ts';
import { isAlive } from './draw.ts';
import { record, type Step, withGrant } from './give-back.ts';
import type { RunRecord, RunRefund } from './run-record.ts';
import { backOf, withBack } from './take-back.ts';
import { RETURNED_VALID_MS } from './time.ts';

const backTo = (account: Account, part: { grantId: number; kind: GrantKind; credits: number }, atMs: number): Begun => {
  const { grantId, kind, credits } = part;
  const grant = account.grants.find((each) => each.id === grantId);
  if (grant !== undefined && isAlive(grant, atMs)) {
    // Credits whose own purchase was refunded before do not come back a second time (R20).
    const { taken, owed } = backOf(grant);
    const kept = Math.max(0, credits - owed);
    const back = { taken: taken + credits - kept, owed: owed - (credits - kept) };
    return {
      account: withGrant(account, withBack({ ...grant, remaining: grant.remaining + kept }, back)),
      changes: kept === 0 ? [] : [{ grantId, kind, credits: kept }],
    };
  }
  // A grant long gone cannot take credits back: a new one of its kind does.
  return beginGrant(account, { kind, granted: kind === 'free' ? 0 : credits, expiresAtMs: atMs + RETURNED_VALID_MS });
};

/**
 * R27: a settled run's charge goes back to the grants it came from, as R15 says: free credits of a day that is over have
 * lapsed, paid and promotional ones whose grant is gone come back for 24 hours. `refund.credits` says how many came back.
 */
export const refundRun = (
  account: Account,
  settled: RunRecord,
  refund: Omit<RunRefund, 'credits'>,
): Step & { readonly refunded: RunRecord } => {
  let back: Begun = { account, changes: [] };
  for (const { grantId, kind, charged } of settled.parts) {
    const next = backTo(back.account, { grantId, kind, credits: charged }, refund.atMs);
    back = { account: next.account, changes: [...back.changes, ...next.changes] };
  }
  const step = record(back.account, {
    atMs: refund.atMs,
    kind: 'refund',
    changes: back.changes,
    reason: refund.reason,
    actor: refund.actor,
    runUuid: settled.runUuid,
    ...(refund.note === null ? {} : { note: refund.note }),
  });
  const credits = back.changes.reduce((total, change) => total + change.credits, 0);
  return { ...step, refunded: { ...settled, refund: { ...refund, credits } } };
};
