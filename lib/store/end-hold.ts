import { PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Hold } from '../domain/account.ts';
import { MAX_NAMED } from '../domain/hold-plan.ts';
import { tombstoneEndsAtMs, tombstoneOf } from '../domain/run-id.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { dayOf } from '../domain/time.ts';
import { holdKey, tombstoneKey } from './account-row.ts';
import { itemOfFailedCondition, lostTheRace, retryingConflicts } from './faults.ts';
import { accountKey, historyKey } from './keys.ts';
import { recordFromRow, recordToRow } from './record-row.ts';
import type { Table } from './table.ts';

/**
 * Puts a run's one outcome on record, if there is none; answers the record that stands (R11). From here on the run has ended,
 * whatever happens to us: every view of the account reads it.
 */
export const putRecord = async (table: Table, accountId: string, record: RunRecord): Promise<RunRecord> => {
  const write = new PutCommand({
    TableName: table.name,
    Item: recordToRow(accountId, record),
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await retryingConflicts(table, () => table.client.send(write));
    return record;
  } catch (fault) {
    const standing = itemOfFailedCondition(fault);
    if (standing === null) throw fault;
    return recordFromRow(standing);
  }
};

/**
 * Puts a lapse on record, if the hold's deadline is still what was seen: an extension under way at that very instant wins, or has come too
 * late. Answers whether the record stands; where it does not, the deadline has moved or another outcome is there (R7, R11).
 */
export const putLapse = async (table: Table, accountId: string, hold: Hold, record: RunRecord): Promise<boolean> => {
  const seen = {
    TableName: table.name,
    Key: accountKey(accountId),
    UpdateExpression: 'SET v = v + :one',
    ConditionExpression: 'h.#run.d = :seen',
    ExpressionAttributeNames: { '#run': holdKey(hold.runUuid) },
    ExpressionAttributeValues: { ':seen': hold.deadlineMs - hold.approvedAtMs, ':one': 1 },
  };
  const Item = recordToRow(accountId, record);
  const put = { TableName: table.name, Item, ConditionExpression: 'attribute_not_exists(pk)' };
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: [{ Put: put }, { Update: seen }] }));
    return true;
  } catch (fault) {
    return !lostTheRace(fault);
  }
};

/** Whether a write was made: its condition may not hold any more. Anything else is thrown. */
const wasWritten = async (table: Table, write: UpdateCommand): Promise<boolean> => {
  try {
    await retryingConflicts(table, () => table.client.send(write));
    return true;
  } catch (fault) {
    itemOfFailedCondition(fault);
    return false;
  }
};

/** Lets no hold pass by what an ended run has yet to give back: its next one, or the sweep, brings the account up first. */
const leaveToOthers = async (table: Table, accountId: string, runUuid: string, nowMs: number): Promise<void> => {
  const write = new UpdateCommand({
    TableName: table.name,
    Key: accountKey(accountId),
    UpdateExpression: 'SET u = :now, t = :now, v = v + :one',
    ConditionExpression: 'u > :now AND attribute_exists(h.#run)',
    ExpressionAttributeNames: { '#run': holdKey(runUuid) },
    ExpressionAttributeValues: { ':now': nowMs, ':one': 1 },
  });
  await wasWritten(table, write);
};

/**
 * Gives back what an ended run did not use and clears its hold: one write that does not disturb others. Where a grant has died, owes
 * or a boundary has passed meanwhile, nothing is written: the record has ended the run for every view already, and the next hold or
 * sweep clears it, as of the record's instant (R15). So it is for more grants than a write can name. Done already: changes nothing.
 */
export const releaseHold = async (
  table: Table,
  accountId: string,
  record: RunRecord,
  seenMs: number,
): Promise<void> => {
  // Another host has put it on record, whose clock is ahead of ours: what the run came to is as of then.
  const nowMs = Math.max(seenMs, record.atMs);
  const returned = record.parts
    .map((part, at) => ({ at, grantId: part.grantId, credits: part.held - part.charged }))
    .filter((part) => part.credits > 0);
  if (returned.length > MAX_NAMED) return leaveToOthers(table, accountId, record.runUuid, nowMs);
  const day = dayOf(record.approvedAtMs);
  // A host whose clock is a little behind may still be in the day before the approval's.
  const uncounted = record.outcome !== 'settled' && day >= dayOf(nowMs);
  const remembered = nowMs < tombstoneEndsAtMs(record.runUuid);
  const sets = [
    ...returned.map(({ at }) => `g.#g${at}.r = g.#g${at}.r + :g${at}`),
    'v = v + :one',
    ...(uncounted ? ['c = c - :one'] : []),
  ];
  const write = new UpdateCommand({
    TableName: table.name,
    Key: accountKey(accountId),
    UpdateExpression: `SET ${sets.join(', ')} REMOVE h.#run${remembered ? ' ADD z :mark' : ''}`,
    ConditionExpression: [
      'attribute_exists(h.#run) AND u > :now',
      // The account may have crossed midnight since this request began; the run is then of yesterday's count.
      ...(uncounted ? ['d = :day'] : []),
      ...returned.map(({ at }) => `g.#g${at}.x > :now`),
    ].join(' AND '),
    ExpressionAttributeNames: {
      '#run': holdKey(record.runUuid),
      ...Object.fromEntries(returned.map(({ at, grantId }) => [`#g${at}`, String(grantId)])),
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(returned.map(({ at, credits }) => [`:g${at}`, credits])),
      ':one': 1,
      ':now': nowMs,
      ...(uncounted ? { ':day': day } : {}),
      ...(remembered ? { ':mark': new Set([tombstoneKey(tombstoneOf(record.runUuid))]) } : {}),
    },
  });
  await wasWritten(table, write);
};

/** Moves a live hold's deadline, if it is still what was seen (R7); false where it is not. */
export const moveDeadline = async (
  table: Table,
  accountId: string,
  hold: Hold,
  deadlineMs: number,
): Promise<boolean> => {
  const offset = (ms: number) => ms - hold.approvedAtMs;
  const write = new UpdateCommand({
    TableName: table.name,
    Key: accountKey(accountId),
    UpdateExpression: 'SET h.#run.d = :next, h.#run.f = :first, v = v + :one',
    ConditionExpression: 'h.#run.d = :seen',
    ExpressionAttributeNames: { '#run': holdKey(hold.runUuid) },
    ExpressionAttributeValues: {
      ':next': offset(deadlineMs),
      ':first': offset(hold.firstDeadlineMs),
      ':seen': offset(hold.deadlineMs),
      ':one': 1,
    },
  });
  return wasWritten(table, write);
};

/** R11: the cost a settle brought after the lapse is the product's; recorded once, the first to come. */
export const recordAbsorbed = async (table: Table, accountId: string, runUuid: string, cost: number): Promise<void> => {
  const write = new UpdateCommand({
    TableName: table.name,
    Key: historyKey(accountId, runUuid),
    UpdateExpression: 'SET cost = :cost, absorbed = :cost',
    ConditionExpression: 'outcome = :expired AND cost = :none',
    ExpressionAttributeValues: { ':cost': cost, ':expired': 'expired', ':none': null },
  });
  await wasWritten(table, write);
};
