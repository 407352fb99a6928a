import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Account, Hold } from '../domain/account.ts';
import type { Draw } from '../domain/draw.ts';
import { type DeadlineBound, deadlineBound, type HoldPlan, MAX_HOLDS, MAX_NAMED } from '../domain/hold-plan.ts';
import { tombstoneOf } from '../domain/run-id.ts';
import { heldOf } from '../domain/run-record.ts';
import { dayOf } from '../domain/time.ts';
import { accountFromRow, grantsToRow, holdKey, holdToRow, tombstoneKey } from './account-row.ts';
import { readAccount } from './account-view.ts';
import { Contended, itemOfFailedCondition, retryingConflicts } from './faults.ts';
import { accountKey } from './keys.ts';
import type { Table } from './table.ts';

/** Placed; or the account that stood in the way, `null` where nobody has written it. */
export type Placed = { readonly placed: true } | { readonly placed: false; readonly account: Account | null };

/** Expired tombstones one hold clears away: more than the one it will leave, so that they never pile up. */
export const MAX_SWEPT = 4;

/** What the bound of holds must be; one is raised only where nothing at all has been written since. */
const BOUND_CONDITIONS: Record<DeadlineBound['how'], string> = {
  keep: '(attribute_not_exists(e) OR (e > :now AND e <= :deadline))',
  lower: 'e = :seen',
  raise: 'v = :seen',
};

/** The grants drawn on have what the plan says; one that must turn out empty has exactly that (R5). */
const drawConditions = (draws: readonly Draw[]): string[] =>
  draws.map((draw, at) => `g.#g${at}.r ${draw.exact ? '=' : '>='} :g${at}`);

/** All grants as a plan leaves them. */
const restOf = (account: Account, draws: readonly Draw[]): Record<string, unknown> => {
  const drawnFrom = (id: number) => draws.find((draw) => draw.grantId === id)?.credits ?? 0;
  const rest = account.grants.map((grant) => ({ ...grant, remaining: grant.remaining - drawnFrom(grant.id) }));
  return grantsToRow(rest, account);
};

/**
 * Places a hold in one write, with nothing read before it: 1 round trip, 1 write unit. Everything it relies on is a condition of
 * the write: the grants (R5), no boundary passed (R12–R15), run limit (R8), standing rule and its version (R4), the run neither
 * held nor ended (R6), fewer than `MAX_HOLDS` others. Parallel holds do not disturb each other. A plan of more than `MAX_NAMED` grants
 * costs a read more, and is disturbed by whatever is written since it was made.
 */
export const placeHold = async (
  table: Table,
  accountId: string,
  plan: HoldPlan,
  hold: Hold,
  nowMs: number,
  swept: readonly string[] = [],
): Promise<Placed> => {
  const { draws } = plan;
  const bound = deadlineBound(plan, hold.deadlineMs, nowMs);
  const whole = draws.length > MAX_NAMED ? await readAccount(table, accountId) : null;
  const rest = whole && { ':ver': plan.ver, ':rest': restOf(whole, draws) };
  const named = rest ? [] : draws;
  const { approval } = hold;
  const ruled = approval.how === 'standing_rule' && { ':credits': heldOf(hold), ':rule': approval.ruleVersion };
  const conditions = [
    ...(rest ? ['v = :ver'] : []),
    ...drawConditions(named),
    'n = :n AND u > :now AND d = :day',
    '(attribute_not_exists(l) OR c < l)',
    'attribute_not_exists(h.#run) AND NOT contains(z, :mark) AND size(h) < :most',
    BOUND_CONDITIONS[bound.how],
    ...(ruled ? ['a >= :credits AND b = :rule'] : []),
  ];
  const sets = [
    ...(rest ? ['g = :rest'] : []),
    ...named.flatMap(({ credits }, at) => (credits > 0 ? `g.#g${at}.r = g.#g${at}.r - :g${at}` : [])),
    // What it draws on is no longer whole, so the next boundary is worth a line: no earlier than `u`, and the same for all.
    'h.#run = :hold, c = c + :one, v = v + :one, t = u',
    bound.how === 'keep' ? 'e = if_not_exists(e, :bound)' : 'e = :bound',
  ];
  const write = new UpdateCommand({
    TableName: table.name,
    Key: accountKey(accountId),
    UpdateExpression: `SET ${sets.join(', ')}${swept.length > 0 ? ' DELETE z :swept' : ''}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: {
      '#run': holdKey(hold.runUuid),
      ...Object.fromEntries(named.map((draw, at) => [`#g${at}`, String(draw.grantId)])),
    },
    ExpressionAttributeValues: {
      ...rest,
      ...Object.fromEntries(named.map((draw, at) => [`:g${at}`, draw.credits])),
      ':most': MAX_HOLDS,
      ':n': plan.nextOrdinal,
      ':now': nowMs,
      ':day': dayOf(nowMs),
      ':mark': tombstoneKey(tombstoneOf(hold.runUuid)),
      ':hold': holdToRow(hold, table.tools),
      ':one': 1,
      ':bound': bound.ms,
      ...(bound.how === 'keep' ? { ':deadline': hold.deadlineMs } : { ':seen': bound.seen }),
      ...ruled,
      ...(swept.length > 0 && { ':swept': new Set(swept.slice(0, MAX_SWEPT).map(tombstoneKey)) }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await retryingConflicts(table, () => table.client.send(write));
    return { placed: true };
  } catch (fault) {
    // Refused by DynamoDB as it stands, and free again when holds have ended.
    if (fault instanceof Error && /^Item size/.test(fault.message)) throw new Contended('the account item is full');
    const item = itemOfFailedCondition(fault);
    return { placed: false, account: item && accountFromRow(accountId, item, table.tools) };
  }
};
