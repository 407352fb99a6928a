// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, as they stand there
import type { Defect } from './defect.ts';

const END_HOLD = 'lib/store/end-hold.ts';
const RECORD = 'lib/domain/run-record.ts';
const SETTLE = 'lambdas/settle/settle.ts';

/** What goes wrong when a run ends. */
export const RUN_DEFECTS: readonly Defect[] = [
  {
    name: 'release: twice',
    story: 'a release without the hold being there: credits come back twice (elizaOS/eliza#11512)',
    edits: [{ file: END_HOLD, find: 'attribute_exists(h.#run) AND u > :now', put: 'u > :now' }],
  },
  {
    name: 'release: to the wrong grant',
    story: 'everything given back goes to the grant drawn on first (R15)',
    edits: [
      {
        file: END_HOLD,
        find: '[`#g${at}`, String(grantId)]',
        put: '[`#g${at}`, String(returned.length === 1 ? record.parts[0]?.grantId : grantId)]',
      },
    ],
  },
  {
    name: 'release: without looking',
    story: 'credits go back into a grant that is over, or whose money went back (R15, R20)',
    edits: [{ file: END_HOLD, find: '      ...returned.map(({ at }) => `g.#g${at}.x > :now`),\n', put: '' }],
  },
  {
    name: 'release: slow, into what is over',
    story: 'a release under way for long still finds open what others have written as over (R15); found here first',
    edits: [
      {
        file: 'lib/store/account-row.ts',
        find: 'const closed = expiresAtMs < validUntilMs || owed > 0;',
        put: 'const closed = owed > 0;',
      },
    ],
  },
  {
    name: 'release: of another day',
    story: 'a run of yesterday is taken off today’s count (R8)',
    edits: [{ file: END_HOLD, find: "uncounted ? ['d = :day']", put: "uncounted ? ['d >= :day']" }],
  },
  {
    name: 'release: failed runs count',
    story: 'a run that failed still counts against the day’s limit (R8)',
    edits: [
      {
        file: END_HOLD,
        find: "const uncounted = record.outcome !== 'settled' && day >= dayOf(nowMs);",
        put: 'const uncounted = false;',
      },
    ],
  },
  {
    name: 'release: tombstone forgotten',
    story: 'nothing remembers that the run has ended (R6)',
    edits: [
      {
        file: END_HOLD,
        find: 'const remembered = nowMs < tombstoneEndsAtMs(record.runUuid);',
        put: 'const remembered = false;',
      },
    ],
  },
  {
    name: 'release: before the record',
    story: 'cleaned up before the outcome is on record: a crash between leaves a run with none (I5)',
    edits: [
      {
        file: 'lambdas/settle/end-run.ts',
        find: `  const standing = found.record ?? (await putRecord(deps.table, found.accountId, endRun(found.hold, ending, nowMs)));
  if (found.hold !== null) await releaseHold(deps.table, found.accountId, standing, nowMs);
  return standing;`,
        put: `  if (found.record !== null) return found.record;
  const record = endRun(found.hold, ending, nowMs);
  await releaseHold(deps.table, found.accountId, record, nowMs);
  return putRecord(deps.table, found.accountId, record);`,
      },
    ],
  },
  {
    name: 'record: without its condition',
    story: 'settle, fail and lapse race, and the last one wins (R11; blnkfinance/blnk#354)',
    edits: [{ file: END_HOLD, find: "    ConditionExpression: 'attribute_not_exists(pk)',\n", put: '' }],
  },
  {
    name: 'record: a failure is swallowed',
    story: 'the write failed and was answered as done (helixml/helix#3240)',
    edits: [
      {
        file: END_HOLD,
        find: '    const standing = itemOfFailedCondition(fault);\n    if (standing === null) throw fault;',
        put: `    if (!String(fault).startsWith('ConditionalCheckFailed')) return record;
    const standing = itemOfFailedCondition(fault);
    if (standing === null) throw fault;`,
      },
    ],
  },
  {
    name: 'settle: more than held',
    story: 'the real cost is charged, above what was approved (R9; warpdotdev/warp#10694)',
    edits: [
      {
        file: RECORD,
        find: 'let toCharge = Math.min(cost ?? 0, heldOf(hold));',
        put: 'let toCharge = cost ?? 0;',
      },
      {
        file: RECORD,
        find: 'const charged = Math.min(part.credits, toCharge);',
        put: 'const charged = part === hold.parts.at(-1) ? toCharge : Math.min(part.credits, toCharge);',
      },
    ],
  },
  {
    name: 'settle: after the deadline',
    story: 'a sweep raced a late settle, and the settle charged (R11; useautumn/autumn#2433)',
    edits: [
      {
        file: 'lambdas/settle/find-hold.ts',
        find: 'if (hold !== undefined && nowMs < hold.deadlineMs) return',
        put: 'if (hold !== undefined) return',
      },
    ],
  },
  {
    name: 'settle: a receipt is for ever',
    story: 'a receipt of a hold that has lapsed still settles it (R7, R11)',
    edits: [
      {
        file: 'lambdas/settle/find-hold.ts',
        find: 'return nowMs < opened.hold.deadlineMs ? opened.hold : null;',
        put: 'return opened.hold;',
      },
    ],
  },
  {
    name: 'settle: another cost, the same answer',
    story: 'a different later request is told that it was done (R11, I7)',
    edits: [
      {
        file: SETTLE,
        find: "record.outcome !== 'settled' || record.cost !== cost",
        put: "record.outcome !== 'settled'",
      },
    ],
  },
  {
    name: 'settle: absorbed anew',
    story: 'each settle that comes after the lapse writes its cost over the one before (R11)',
    edits: [
      {
        file: END_HOLD,
        find: 'outcome = :expired AND cost = :none',
        put: 'outcome = :expired AND (cost = :none OR cost <> :none)',
      },
    ],
  },
  {
    name: 'fail: charged',
    story: 'the sweep settled a failed render in full (elizaOS/eliza#11942)',
    edits: [
      {
        file: RECORD,
        find: "const cost = ending.outcome === 'settled' ? ending.cost : null;",
        put: "const cost = ending.outcome === 'settled' ? ending.cost : ending.outcome === 'expired' ? heldOf(hold) : null;",
      },
    ],
  },
  {
    name: 'extend: one over the other',
    story: 'two extends at once: the shorter one takes back what the longer was promised (R7)',
    edits: [
      {
        file: END_HOLD,
        find: `'h.#run.d = :seen',
    ExpressionAttributeNames: { '#run': holdKey(hold.runUuid) },
    ExpressionAttributeValues: {
      ':next'`,
        put: `'h.#run.d <= :seen OR h.#run.d > :seen',
    ExpressionAttributeNames: { '#run': holdKey(hold.runUuid) },
    ExpressionAttributeValues: {
      ':next'`,
      },
    ],
  },
  {
    name: 'extend: and lapsed as well',
    story: 'a lapse is put on record while an extend moves the deadline: both win (R7); found here first',
    edits: [
      {
        file: END_HOLD,
        find: `'h.#run.d = :seen',
    ExpressionAttributeNames: { '#run': holdKey(hold.runUuid) },
    ExpressionAttributeValues: { ':seen'`,
        put: `'h.#run.d <= :seen OR h.#run.d > :seen',
    ExpressionAttributeNames: { '#run': holdKey(hold.runUuid) },
    ExpressionAttributeValues: { ':seen'`,
      },
    ],
  },
  {
    name: 'extend: the first deadline moves',
    story: 'a repeat of the approval gets another answer after an extend (R6, I7)',
    edits: [{ file: END_HOLD, find: "':first': offset(hold.firstDeadlineMs)", put: "':first': offset(deadlineMs)" }],
  },
  {
    name: 'refund: twice',
    story: 'a run is refunded as often as it is asked for (R27; elizaOS/eliza#11512)',
    edits: [
      {
        file: 'lambdas/support/refund.ts',
        find: 'if (record.refund !== null) {',
        put: 'if (record.refund?.atMs === nowMs) {',
      },
      { file: 'lib/store/refund-row.ts', find: "'refund = :none'", put: "'refund = :none OR refund <> :none'" },
    ],
  },
  {
    name: 'history: an eventual read',
    story: 'a settle that has been answered is not in the balance yet (R23)',
    edits: [
      {
        file: 'lib/store/account-view.ts',
        find: 'Key: accountKey(accountId), ConsistentRead: true',
        put: 'Key: accountKey(accountId), ConsistentRead: false',
      },
    ],
  },
];
