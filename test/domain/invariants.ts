import type { Account } from '../../lib/domain/account.ts';
import { drift, type Entry, replay } from '../../lib/domain/entry.ts';
import type { RunRecord } from '../../lib/domain/run-record.ts';
import { DAY_MS } from '../../lib/domain/time.ts';

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/**
 * I1: for each grant: granted = remaining + held + charged + expired + clawed back; what a refund gave back is not charged, what was
 * restored not clawed back. A refunded run's credits that its grant owed were not given back first, but may be restored.
 */
const unbalanced = (account: Account, entries: readonly Entry[], records: readonly RunRecord[]): string[] => {
  const changes = entries.flatMap((entry) => entry.changes.map((change) => ({ ...change, why: entry.kind })));
  return [...new Set(changes.map((change) => change.grantId))].flatMap((id) => {
    const own = changes.filter((change) => change.grantId === id);
    const lost = (kinds: readonly string[]) =>
      -total(own.filter((each) => kinds.includes(each.why) && each.credits < 0).map((each) => each.credits));
    const granted = total(own.map((change) => change.granted ?? 0));
    const remaining = account.grants.find((grant) => grant.id === id)?.remaining ?? 0;
    const held = total(
      account.holds.flatMap((hold) => hold.parts.filter((part) => part.grantId === id).map((part) => part.credits)),
    );
    const chargedTo = (some: readonly RunRecord[]) =>
      total(some.flatMap((each) => each.parts.filter((part) => part.grantId === id).map((part) => part.charged)));
    const charged = chargedTo(records);
    const refunded = total(own.filter((each) => each.why === 'refund' && !each.granted).map((each) => each.credits));
    const expired = lost(['expiry', 'reset']);
    const clawedBack = -total(own.filter((each) => each.why === 'clawback').map((each) => each.credits));
    const parts = { granted, remaining, held, charged: charged - refunded, expired, clawedBack };
    const same = granted === remaining + held + parts.charged + expired + clawedBack;
    const withheld = chargedTo(records.filter((each) => each.refund !== null)) - refunded;
    return same && parts.charged >= 0 && clawedBack + withheld >= 0
      ? []
      : [`I1: grant ${id}: ${JSON.stringify(parts)}`];
  });
};

/** I2: grants end when their history says; free credits nobody drew on live on by whole days, unwritten. */
const misdated = (account: Account, entries: readonly Entry[]): string[] => {
  const told = replay(entries, []);
  return account.grants
    .filter(({ id, kind, expiresAtMs }) => {
      const later = expiresAtMs - (told.get(id)?.expiresAtMs ?? 0);
      return kind === 'free' ? later < 0 || later % DAY_MS !== 0 : later !== 0;
    })
    .map((grant) => `I2: grant ${grant.id} ends at ${grant.expiresAtMs}`);
};

/** I1–I5 of an account with all its history; a sentence for each fault. `estimates`: what each run's owner said yes to. */
export const faultsOf = (
  account: Account,
  entries: readonly Entry[],
  records: readonly RunRecord[],
  estimates: ReadonlyMap<string, number>,
): readonly string[] => {
  const negative = account.grants.filter((grant) => grant.remaining < 0 || grant.granted < grant.remaining);
  const overcharged = records.filter((record) => {
    const held = total(record.parts.map((part) => part.held));
    const most = record.parts.every((part) => part.charged >= 0 && part.charged <= part.held);
    return !most || held !== estimates.get(record.runUuid) || (record.cost ?? 0) !== chargedAndAbsorbed(record);
  });
  const ended = records.map((record) => record.runUuid);
  const twice = account.holds.filter((hold) => ended.includes(hold.runUuid));
  const ordinals = entries.map((entry) => entry.ordinal);
  return [
    ...unbalanced(account, entries, records),
    ...drift(account, replay(entries, records)).map((fault) => `I2: ${fault}`),
    ...misdated(account, entries),
    ...negative.map((grant) => `I3: grant ${grant.id} has ${grant.remaining} of ${grant.granted}`),
    ...(account.runs.used < 0 ? [`I3: ${account.runs.used} runs used`] : []),
    ...overcharged.map((record) => `I4: ${JSON.stringify(record)}`),
    ...(new Set(ended).size < ended.length ? ['I5: a run ended twice'] : []),
    ...twice.map((hold) => `I5: ${hold.runUuid} is held and ended`),
    ...(new Set(ordinals).size < ordinals.length ? ['two entries have one ordinal'] : []),
  ];
};

const chargedAndAbsorbed = (record: RunRecord): number =>
  total(record.parts.map((part) => part.charged)) + record.absorbed;
