import type { GrantKind } from '../../../lib/domain/account.ts';
import type { Change, Entry } from '../../../lib/domain/entry.ts';
import type { HistoryLine } from '../../../lib/domain/history-line.ts';
import { chargedBy, type RunRecord } from '../../../lib/domain/run-record.ts';

/** What is wrong with an account, and the line of its history that says so; `null`: no one line does. */
export interface Fault {
  readonly place: string | null;
  readonly what: string;
}

/** A grant as its history tells it so far. */
export interface WalkedGrant {
  readonly kind: GrantKind;
  granted: number;
  /** Left over or held. */
  credits: number;
  /** The line that changed it last. */
  lastPlace: string;
  /** The first line after which it had less than nothing, or more than was ever given. */
  impossibleAt: string | null;
}

export interface Walk {
  /** Lines that cannot be right whatever the account is. */
  readonly faults: readonly Fault[];
  readonly grants: ReadonlyMap<number, WalkedGrant>;
}

/** Lines that begin grants; an adjustment may begin one too, but may also move the end of one that it makes larger (R18). */
const BEGINS: readonly Entry['kind'][] = ['grant', 'reset', 'refund'];

const begins = (change: Change): boolean => change.granted !== undefined && change.expiresAtMs !== undefined;

/**
 * The lines in the order they were acted on: entries by their ordinals, each run behind the entries of its instant and never before
 * the grants it drew on, whosever clock was slow.
 */
const inOrder = (lines: readonly HistoryLine[]): readonly HistoryLine[] => {
  const entries = lines.flatMap((line) => (line.line === 'entry' ? [line] : []));
  const begunAt = new Map<number, number>();
  let latest = 0;
  const placed: { readonly line: HistoryLine; readonly atMs: number; readonly rank: number }[] = [];
  for (const line of entries.toSorted((a, b) => a.entry.ordinal - b.entry.ordinal)) {
    latest = Math.max(latest, line.entry.atMs);
    for (const change of line.entry.changes) {
      if (!begunAt.has(change.grantId)) begunAt.set(change.grantId, latest);
    }
    placed.push({ line, atMs: latest, rank: line.entry.ordinal });
  }
  for (const line of lines) {
    if (line.line === 'entry') continue;
    const drawnFrom = line.record.parts.map((part) => begunAt.get(part.grantId) ?? 0);
    placed.push({ line, atMs: Math.max(line.record.atMs, ...drawnFrom), rank: Number.POSITIVE_INFINITY });
  }
  return placed.toSorted((a, b) => a.atMs - b.atMs || compare(a.rank, b.rank)).map(({ line }) => line);
};

const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

const recordFaults = (record: RunRecord): readonly string[] => {
  const { outcome, parts, cost, absorbed, refund } = record;
  const charged = chargedBy(record);
  const reported = cost ?? 0;
  const checks: readonly (readonly [boolean, string])[] = [
    [parts.every((part) => part.held > 0), 'I4: it held nothing of a grant'],
    [parts.every((part) => part.charged >= 0 && part.charged <= part.held), 'I4: charged more than it held'],
    [outcome === 'settled' || charged === 0, `R10: ${outcome}, and charged ${charged}`],
    [reported === charged + absorbed, `R9: cost ${reported}, charged ${charged} and absorbed ${absorbed}`],
    [refund === null || (outcome === 'settled' && refund.credits <= charged), 'R27: refunded what it was not charged'],
  ];
  return checks.flatMap(([right, what]) => (right ? [] : [what]));
};

/**
 * The history from its first line to its last. `held`: runs the account still holds, whose charge is not yet taken from it (a settle
 * whose release is left to others).
 */
export const walkHistory = (lines: readonly HistoryLine[], held: ReadonlySet<string>): Walk => {
  const faults: Fault[] = [];
  const grants = new Map<number, WalkedGrant>();
  const ordinals = new Set<number>();
  const refunds = new Map<string, { readonly place: string; readonly credits: number }>();

  const look = (grant: WalkedGrant, place: string): void => {
    grant.lastPlace = place;
    if (grant.credits < 0 || grant.credits > grant.granted) grant.impossibleAt ??= place;
  };
  const change = (place: string, entry: Entry, each: Change): void => {
    const known = grants.get(each.grantId);
    const fault = (what: string) => faults.push({ place, what: `grant ${each.grantId}: ${what}` });
    if (known === undefined && !begins(each)) return void fault('changed, and no line before has begun it');
    if (known !== undefined && begins(each) && BEGINS.includes(entry.kind)) fault('begun a second time');
    if (known !== undefined && known.kind !== each.kind) fault(`is ${known.kind}, not ${each.kind}`);
    const grant = known ?? { kind: each.kind, granted: 0, credits: 0, lastPlace: place, impossibleAt: null };
    grant.granted += each.granted ?? 0;
    grant.credits += each.credits;
    grants.set(each.grantId, grant);
  };

  for (const line of inOrder(lines)) {
    const { place } = line;
    if (line.line === 'run') {
      const { record } = line;
      faults.push(...recordFaults(record).map((what) => ({ place, what })));
      for (const part of record.parts) {
        const grant = grants.get(part.grantId);
        if (grant === undefined)
          faults.push({ place, what: `grant ${part.grantId}: drawn on, and no line has begun it` });
        else if (!held.has(record.runUuid)) {
          grant.credits -= part.charged;
          look(grant, place);
        }
      }
      continue;
    }
    const { entry } = line;
    if (ordinals.has(entry.ordinal)) faults.push({ place, what: `a second line has the ordinal ${entry.ordinal}` });
    ordinals.add(entry.ordinal);
    for (const each of entry.changes) change(place, entry, each);
    for (const { grantId } of entry.changes) {
      const grant = grants.get(grantId);
      if (grant !== undefined) look(grant, place);
    }
    if (entry.kind === 'refund' && entry.runUuid !== undefined) {
      const credits = entry.changes.reduce((sum, each) => sum + each.credits, 0);
      if (refunds.has(entry.runUuid)) faults.push({ place, what: `R27: ${entry.runUuid} is refunded a second time` });
      refunds.set(entry.runUuid, { place, credits });
    }
  }
  return { faults: [...faults, ...refundFaults(lines, refunds)], grants };
};

/** R27, R29: a refund stands in the run's record and in a line of its own, and both say the same. */
const refundFaults = (
  lines: readonly HistoryLine[],
  refunds: ReadonlyMap<string, { readonly place: string; readonly credits: number }>,
): readonly Fault[] => {
  const records = new Map(lines.flatMap((line) => (line.line === 'run' ? [[line.place, line.record] as const] : [])));
  const told = [...refunds].flatMap(([runUuid, { place, credits }]) =>
    records.get(runUuid)?.refund?.credits === credits
      ? []
      : [{ place, what: `R27: the record of ${runUuid} tells another refund` }],
  );
  const untold = [...records.values()]
    .filter((record) => record.refund !== null && !refunds.has(record.runUuid))
    .map((record) => ({ place: record.runUuid, what: 'R29: refunded without a line that says so' }));
  return [...told, ...untold];
};
