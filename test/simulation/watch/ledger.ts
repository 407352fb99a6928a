import type { Account, Hold } from '../../../lib/domain/account.ts';
import { cycleEndsAtMs } from '../../../lib/domain/boundary.ts';
import type { Entry } from '../../../lib/domain/entry.ts';
import { tombstoneEndsAtMs } from '../../../lib/domain/run-id.ts';
import { heldOf, type RunRecord } from '../../../lib/domain/run-record.ts';
import { DAY_MS, dayOf } from '../../../lib/domain/time.ts';
import { accountFromRow, type ToolCodes } from '../../../lib/store/account-row.ts';
import { lineFromRow } from '../../../lib/store/history-row.ts';
import { accountOfKey } from '../../../lib/store/keys.ts';
import { recordFromRow } from '../../../lib/store/record-row.ts';
import { nativeItem } from '../memory-table/marshalling.ts';
import type { Change } from '../memory-table/memory-table.ts';
import { textAt } from '../memory-table/rows.ts';

/** What the lines tell of one grant. */
interface Told {
  granted: number;
  /** All changes, signed. */
  credits: number;
  /** By runs whose hold is gone from the account. */
  charged: number;
  expiresAtMs: number;
  asOfOrdinal: number;
}

/** One account as it stands in the table, and all that its lines have told so far. */
export interface Ledger {
  readonly accountId: string;
  account: Account | null;
  readonly told: Map<number, Told>;
  readonly records: Map<string, RunRecord>;
  readonly entries: Entry[];
  /** Every hold there ever was, as it is or was last. */
  readonly held: Map<string, Hold>;
  /** The limit of each version of the standing rule. */
  readonly rules: Map<number, number | null>;
  /** Runs that count against the limit of the day they were approved in. */
  readonly counted: Map<number, number>;
}

/** What one write of an account and its lines has done, in the order the core did it. */
export interface Written {
  readonly ledger: Ledger;
  readonly before: Account | null;
  readonly entries: readonly Entry[];
  readonly records: readonly RunRecord[];
}

export interface Expectations {
  /** What was asked for when a run's estimate was given; and who has said yes so far. */
  readonly runOf: (
    runUuid: string,
  ) => { readonly credits: number; readonly byOwner: boolean; readonly byAgent: boolean } | null;
  /** Whether somebody has sent this outcome. */
  readonly wasAsked: (record: RunRecord) => boolean;
  readonly nowMs: () => number;
  readonly skewMs: number;
  readonly fault: (sentence: string) => void;
}

const newLedger = (accountId: string): Ledger => ({
  accountId,
  account: null,
  told: new Map(),
  records: new Map(),
  entries: [],
  held: new Map(),
  rules: new Map([[0, null]]),
  counted: new Map(),
});

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

const tell = (ledger: Ledger, { ordinal, changes }: Entry): void => {
  for (const { grantId, credits, granted = 0, expiresAtMs } of changes) {
    const known = ledger.told.get(grantId);
    const told = known ?? { granted: 0, credits: 0, charged: 0, expiresAtMs: 0, asOfOrdinal: -1 };
    if (known === undefined) ledger.told.set(grantId, told);
    told.granted += granted;
    told.credits += credits;
    if (expiresAtMs !== undefined && ordinal > told.asOfOrdinal) {
      [told.expiresAtMs, told.asOfOrdinal] = [expiresAtMs, ordinal];
    }
  }
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Looks at every write as it stands in the table, before anybody has tidied up: I1 to I5 of the raw items. A hold whose outcome is on record
 * counts as held for as long as it is on the account.
 */
export const watchLedgers = (tools: ToolCodes, expected: Expectations, written: (what: Written) => void) => {
  const ledgers = new Map<string, Ledger>();
  const { fault } = expected;

  const ledgerOf = (accountId: string): Ledger => {
    const known = ledgers.get(accountId);
    if (known !== undefined) return known;
    const ledger = newLedger(accountId);
    ledgers.set(accountId, ledger);
    return ledger;
  };

  const newRecord = (ledger: Ledger, record: RunRecord, held: Hold | undefined): void => {
    const { runUuid, outcome, parts, cost, absorbed, approval } = record;
    const name = `run ${runUuid}`;
    ledger.records.set(runUuid, record);
    if (held === undefined) {
      fault(`I5: ${name} ends ${outcome} and is not held`);
      return;
    }
    const same = isSame(
      parts.map(({ grantId, kind, held: credits }) => ({ grantId, kind, credits })),
      held.parts,
    );
    if (!same || !isSame(approval, held.approval)) fault(`I4: ${name} has a record of another hold`);
    if (parts.some(({ held: most, charged }) => charged < 0 || charged > most))
      fault(`I4: ${name} is charged too much`);
    const charged = total(parts.map((part) => part.charged));
    if ((cost ?? 0) !== charged + absorbed)
      fault(`I4: ${name} cost ${cost}, of that ${charged} charged, ${absorbed} absorbed`);
    if (outcome !== 'settled' && charged > 0) fault(`I4: ${name} ${outcome} and is charged`);
    if (outcome === 'settled' && charged !== Math.min(cost ?? 0, heldOf(held)))
      fault(`R9: ${name} is charged ${charged} of ${cost}`);
    if (outcome !== 'expired' && !expected.wasAsked(record)) fault(`R11: nobody said that ${name} ${outcome}`);
    if (outcome !== 'expired' && record.atMs >= held.deadlineMs) fault(`R7: ${name} ${outcome} after its deadline`);
    if (outcome === 'expired' && record.atMs !== held.deadlineMs)
      fault(`R7: ${name} expired at ${record.atMs}, its deadline is ${held.deadlineMs}`);
    if (outcome === 'expired' && expected.nowMs() + expected.skewMs < record.atMs) fault(`R7: ${name} expired early`);
  };

  const changedRecord = (old: RunRecord, record: RunRecord): void => {
    const { refund: _, cost: __, absorbed: ___, ...now } = record;
    const { refund: was, cost, absorbed, ...before } = old;
    if (!isSame(now, before)) fault(`I5: the record of ${old.runUuid} has changed`);
    if (was !== null && !isSame(was, record.refund)) fault(`I5: the refund of ${old.runUuid} has changed`);
    if (record.refund !== null && old.outcome !== 'settled')
      fault(`R27: ${old.runUuid} ${old.outcome} and is refunded`);
    const sameCost = cost === record.cost && absorbed === record.absorbed;
    if (!sameCost && (old.outcome !== 'expired' || cost !== null)) fault(`I5: the cost of ${old.runUuid} has changed`);
  };

  const newHold = (ledger: Ledger, account: Account, hold: Hold): void => {
    const { runUuid, approval } = hold;
    const name = `run ${runUuid}`;
    if (ledger.held.has(runUuid)) fault(`R6: ${name} is held a second time`);
    if (ledger.records.has(runUuid)) fault(`I5: ${name} is held after it has ended`);
    // One that was sent in time may come to write a little after it.
    if (hold.approvedAtMs >= tombstoneEndsAtMs(runUuid)) fault(`R2: ${name} is held on an estimate that is too old`);
    const run = expected.runOf(runUuid);
    if (run === null || run.credits !== heldOf(hold))
      fault(`I4: ${name} holds ${heldOf(hold)}, estimated ${run?.credits}`);
    if (approval.how === 'explicit') {
      if (run?.byOwner !== true) fault(`R4: ${name} is held without its owner's yes`);
    } else {
      const limit = ledger.rules.get(approval.ruleVersion) ?? null;
      const stands = approval.ruleVersion === account.rule.version && limit !== null && limit >= heldOf(hold);
      if (run?.byAgent !== true || !stands) fault(`R4: ${name} is held under no standing rule`);
    }
    if (account.dailyRunLimit !== null && account.runs.used > account.dailyRunLimit)
      fault(`R8: ${account.runs.used} runs today`);
    const day = dayOf(hold.approvedAtMs);
    ledger.counted.set(day, (ledger.counted.get(day) ?? 0) + 1);
  };

  const goneHold = (ledger: Ledger, hold: Hold): void => {
    const record = ledger.records.get(hold.runUuid);
    if (record === undefined) {
      fault(`I5: run ${hold.runUuid} is held no more and has no outcome`);
      return;
    }
    for (const { grantId, charged } of record.parts) {
      const told = ledger.told.get(grantId);
      if (told !== undefined) told.charged += charged;
    }
    const day = dayOf(hold.approvedAtMs);
    if (record.outcome !== 'settled') ledger.counted.set(day, (ledger.counted.get(day) ?? 0) - 1);
  };

  /** I1 and I2, grant by grant. */
  const checkGrants = (ledger: Ledger, account: Account): void => {
    const heldFrom = new Map<number, number>();
    for (const { grantId, credits } of account.holds.flatMap((hold) => hold.parts)) {
      heldFrom.set(grantId, (heldFrom.get(grantId) ?? 0) + credits);
    }
    const live = new Map(account.grants.map((grant) => [grant.id, grant]));
    for (const [id, { granted, credits, charged, expiresAtMs }] of ledger.told) {
      const grant = live.get(id);
      const state = (grant?.remaining ?? 0) + (heldFrom.get(id) ?? 0);
      if (state !== credits - charged) fault(`I2: grant ${id} has ${state}, its history tells ${credits - charged}`);
      if (grant === undefined) continue;
      if (grant.granted !== granted) fault(`I2: grant ${id} is of ${grant.granted}, its history tells ${granted}`);
      const later = grant.expiresAtMs - expiresAtMs;
      const dated = grant.kind === 'free' ? later >= 0 && later % DAY_MS === 0 : later === 0;
      if (!dated) fault(`I2: grant ${id} ends at ${grant.expiresAtMs}, its history tells ${expiresAtMs}`);
    }
    for (const { id, remaining, granted, back } of account.grants) {
      if (!ledger.told.has(id)) fault(`I2: grant ${id} is in no line`);
      if (remaining < 0 || remaining > granted) fault(`I3: grant ${id} has ${remaining} of ${granted}`);
      if (back !== undefined && (back.owed < 0 || back.taken < 0 || (back.owed > 0 && remaining > 0))) {
        fault(`R20: grant ${id} owes ${back.owed}, has ${remaining}`);
      }
    }
    for (const id of heldFrom.keys()) if (!live.has(id)) fault(`I3: a hold draws on grant ${id}, which is gone`);
  };

  /** Early, never late. */
  const checkBounds = (ledger: Ledger, account: Account): void => {
    const { holds, validUntilMs, holdsValidUntilMs, runs, grants } = account;
    const deadline = Math.min(
      ...holds.filter(({ runUuid }) => !ledger.records.has(runUuid)).map((hold) => hold.deadlineMs),
    );
    const isLate = (holdsValidUntilMs ?? Number.POSITIVE_INFINITY) > deadline;
    if (isLate) fault(`the bound of holds is ${holdsValidUntilMs}, a deadline ${deadline}`);
    const ends = grants.filter(({ remaining }) => remaining > 0).map((grant) => grant.expiresAtMs);
    const first = Math.min((runs.day + 1) * DAY_MS, cycleEndsAtMs(account) ?? Number.POSITIVE_INFINITY, ...ends);
    if (validUntilMs > first) fault(`the account counts as valid until ${validUntilMs}, something happens at ${first}`);
    const used = ledger.counted.get(runs.day) ?? 0;
    if (runs.used !== used) fault(`R8: ${runs.used} runs counted, ${used} made`);
  };

  const accountWritten = (ledger: Ledger, account: Account): void => {
    const before = ledger.account;
    if (account.ver !== (before?.ver ?? 0) + 1) fault(`version ${account.ver} follows ${before?.ver}`);
    ledger.account = account;
    ledger.rules.set(account.rule.version, account.rule.autoApproveUpTo);
    const [was, is] = [
      new Set(before?.holds.map((hold) => hold.runUuid)),
      new Set(account.holds.map((hold) => hold.runUuid)),
    ];
    for (const hold of account.holds) {
      if (!was.has(hold.runUuid)) newHold(ledger, account, hold);
      ledger.held.set(hold.runUuid, hold);
    }
    for (const hold of before?.holds ?? []) if (!is.has(hold.runUuid)) goneHold(ledger, hold);
    checkGrants(ledger, account);
    checkBounds(ledger, account);
    for (const hold of account.holds) if (heldOf(hold) <= 0) fault(`I3: run ${hold.runUuid} holds nothing`);
  };

  const lineWritten = (
    ledger: Ledger,
    before: Change['before'],
    after: Record<string, unknown>,
    news: { entries: Entry[]; records: RunRecord[] },
  ): void => {
    const line = after['kind'] === 'run' ? { line: 'run' as const, record: recordFromRow(after) } : lineFromRow(after);
    if (line.line === 'entry') {
      if (before !== undefined) {
        fault(`entry ${line.place} was written over`);
        return;
      }
      ledger.entries.push(line.entry);
      tell(ledger, line.entry);
      news.entries.push(line.entry);
      return;
    }
    const old = ledger.records.get(line.record.runUuid);
    if (old === undefined) {
      newRecord(
        ledger,
        line.record,
        ledger.account?.holds.find((hold) => hold.runUuid === line.record.runUuid),
      );
    } else {
      changedRecord(old, line.record);
      ledger.records.set(old.runUuid, line.record);
    }
    news.records.push(line.record);
  };

  const look = (changes: readonly Change[]): void => {
    const news = { entries: [] as Entry[], records: [] as RunRecord[] };
    let account: { readonly ledger: Ledger; readonly item: Record<string, unknown> } | null = null;
    let ledger: Ledger | null = null;
    for (const { before, after } of changes) {
      const pk = textAt(after ?? before ?? {}, 'pk') ?? '';
      const { accountId, part } = accountOfKey(pk);
      if (after === undefined) {
        fault(`${pk} was deleted`);
      } else if (part === 'account') {
        ledger = ledgerOf(accountId);
        account = { ledger, item: nativeItem(after) };
      } else if (part === 'history') {
        ledger = ledgerOf(accountId);
        lineWritten(ledger, before, nativeItem(after), news);
      }
    }
    if (ledger === null) return;
    const seen = ledger.account;
    if (account !== null) accountWritten(ledger, accountFromRow(ledger.accountId, account.item, tools));
    news.entries.sort((a, b) => a.ordinal - b.ordinal);
    written({ ledger, before: seen, ...news });
  };

  return { ledgers, look };
};
