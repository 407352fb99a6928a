import type { Account } from '../../../lib/domain/account.ts';
import { drift, type Entry, replay } from '../../../lib/domain/entry.ts';
import type { HistoryLine } from '../../../lib/domain/history-line.ts';
import type { RunRecord } from '../../../lib/domain/run-record.ts';
import { DAY_MS, dayOf } from '../../../lib/domain/time.ts';
import type { Ledger } from '../../../lib/store/ledger.ts';
import { type Fault, type Walk, walkHistory } from './history-walk.ts';

const entriesOf = (lines: readonly HistoryLine[]): readonly Entry[] =>
  lines.flatMap((line) => (line.line === 'entry' ? [line.entry] : []));
const recordsOf = (lines: readonly HistoryLine[]): readonly RunRecord[] =>
  lines.flatMap((line) => (line.line === 'run' ? [line.record] : []));

/** One grant alone, so that what `drift` says of an account is said of this one. */
const onlyGrant = (account: Account, id: number): Account => ({
  ...account,
  grants: account.grants.filter((grant) => grant.id === id),
  holds: account.holds
    .map((hold) => ({ ...hold, parts: hold.parts.filter((part) => part.grantId === id) }))
    .filter((hold) => hold.parts.length > 0),
});

/** I1, I2, I3 of each grant. The line: where it became impossible, else the last that changed it, else the last there is. */
const grantFaults = (account: Account, lines: readonly HistoryLine[], { grants }: Walk): readonly Fault[] => {
  const held = new Set(account.holds.map((hold) => hold.runUuid));
  const released = recordsOf(lines).filter((record) => !held.has(record.runUuid));
  const replayed = replay(
    entriesOf(lines).toSorted((a, b) => a.ordinal - b.ordinal),
    released,
  );
  const drawnOn = account.holds.flatMap((hold) => hold.parts.map((part) => part.grantId));
  const ids = new Set([...account.grants.map((grant) => grant.id), ...replayed.keys(), ...drawnOn]);
  return [...ids].flatMap((id) => {
    const told = replayed.get(id);
    const walked = grants.get(id);
    const place = walked?.impossibleAt ?? walked?.lastPlace ?? lines.at(-1)?.place ?? null;
    const grant = account.grants.find((each) => each.id === id);
    const later = (grant?.expiresAtMs ?? 0) - (told?.expiresAtMs ?? 0);
    // Free credits nobody drew on live on by whole days, unwritten. A grant that was ended before its time is empty.
    const misdated =
      grant !== undefined &&
      (grant.kind === 'free' ? later % DAY_MS !== 0 || later < 0 : later > 0 || (later < 0 && grant.remaining > 0));
    return [
      ...drift(onlyGrant(account, id), new Map(told === undefined ? [] : [[id, told]])),
      ...(told !== undefined && (told.credits < 0 || told.credits > told.granted)
        ? [`grant ${id}: its history tells ${told.credits} of ${told.granted}`]
        : []),
      ...(grant !== undefined && grant.remaining > grant.granted
        ? [`grant ${id}: ${grant.remaining} remaining of ${grant.granted}`]
        : []),
      ...(misdated ? [`grant ${id}: ends at ${grant.expiresAtMs}, its history tells ${told?.expiresAtMs}`] : []),
    ].map((what) => ({ place, what }));
  });
};

/** R8: runs approved on the day the account counts that are held, or were charged. */
const countFaults = ({ runs, holds }: Account, lines: readonly HistoryLine[]): readonly Fault[] => {
  const held = new Set(holds.map((hold) => hold.runUuid));
  const settled = recordsOf(lines).filter((record) => record.outcome === 'settled' && !held.has(record.runUuid));
  const counted = [...holds, ...settled].filter((run) => dayOf(run.approvedAtMs) === runs.day).length;
  const what = `R8: ${runs.used} runs are counted on day ${runs.day}, its history tells ${counted}`;
  return counted === runs.used ? [] : [{ place: null, what }];
};

/** I5, I4: what a run that has ended but is not released holds is what its record says it held. */
const heldFaults = ({ holds }: Account, lines: readonly HistoryLine[]): readonly Fault[] => {
  const records = new Map(recordsOf(lines).map((record) => [record.runUuid, record]));
  const partsOf = (parts: readonly { readonly grantId: number; readonly credits: number }[]) =>
    parts.map(({ grantId, credits }) => `${credits} of ${grantId}`).join(', ');
  return holds.flatMap((hold) => {
    const record = records.get(hold.runUuid);
    if (record === undefined) return [];
    const [now, then] = [
      partsOf(hold.parts),
      partsOf(record.parts.map(({ grantId, held }) => ({ grantId, credits: held }))),
    ];
    return now === then ? [] : [{ place: hold.runUuid, what: `I5: holds ${now}, its record held ${then}` }];
  });
};

/**
 * I1 to I5 of an account against its history, as both are stored: what time has done since and nobody has written changes neither. The first
 * fault is the first line that is wrong; none where all adds up.
 */
export const ledgerFaults = ({ account, lines, bad }: Ledger): readonly Fault[] => {
  const walk = walkHistory(lines, new Set(account?.holds.map((hold) => hold.runUuid)));
  const ofLines = [...bad, ...walk.faults].toSorted((a, b) => ((a.place ?? '~') < (b.place ?? '~') ? -1 : 1));
  if (account === null) {
    const alone = bad.some(({ place }) => place === null) || lines.length === 0;
    return alone ? ofLines : [...ofLines, { place: lines.at(-1)?.place ?? null, what: 'a history without an account' }];
  }
  return [
    ...ofLines,
    ...grantFaults(account, lines, walk),
    ...heldFaults(account, lines),
    ...countFaults(account, lines),
  ];
};
