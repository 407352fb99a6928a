import type { Defect } from './defect.ts';

const ADVANCE = 'lib/domain/advance.ts';
const BOUNDARY = 'lib/domain/boundary.ts';
const CHANGE = 'lib/store/change-account.ts';
const GIVE_BACK = 'lib/domain/give-back.ts';

/** What goes wrong with time, and with the writes that catch up with it. */
export const TIME_DEFECTS: readonly Defect[] = [
  {
    name: 'time: free credits pile up',
    story: 'what is left of yesterday is added to today’s allowance (R12; useautumn/autumn b05171bb9)',
    edits: [
      {
        file: BOUNDARY,
        find: "{ kind: 'free', granted: allowance, expiresAtMs }",
        put: "{ kind: 'free', granted: allowance + (dying[0]?.remaining ?? 0), expiresAtMs }",
      },
    ],
  },
  {
    name: 'time: the count never resets',
    story: 'a counter kept yesterday’s value (DayuanJiang/next-ai-draw-io#390; R8)',
    edits: [
      {
        file: BOUNDARY,
        find: 'runs: { day: atMs / DAY_MS, used: 0 }',
        put: 'runs: { day: atMs / DAY_MS, used: account.runs.used }',
      },
    ],
  },
  {
    name: 'time: a reset wipes packs',
    story: 'bought credits wiped by a cycle’s reset (polarsource/polar#8451, #10513; R14)',
    edits: [
      {
        file: BOUNDARY,
        find: "(grant) => grant.kind === 'subscription' && grant.expiresAtMs === endsAtMs",
        put: "(grant) => grant.kind === 'pack' || (grant.kind === 'subscription' && grant.expiresAtMs === endsAtMs)",
      },
    ],
  },
  {
    name: 'time: a lapse a minute late',
    story: 'a hold counts as free when it is looked for, not at its deadline (R7)',
    edits: [
      {
        file: ADVANCE,
        find: "endRun(hold, { outcome: 'expired' }, hold.deadlineMs)",
        put: "endRun(hold, { outcome: 'expired' }, hold.deadlineMs + 60_000)",
      },
    ],
  },
  {
    name: 'time: > instead of >=',
    story: 'a grant still lives in the very millisecond that it ends',
    edits: [{ file: 'lib/domain/draw.ts', find: 'nowMs < grant.expiresAtMs', put: 'nowMs <= grant.expiresAtMs' }],
  },
  {
    name: 'time: what happens now is not yet',
    story: 'a midnight or a deadline counts from the millisecond after',
    edits: [{ file: ADVANCE, find: 'while (next.atMs <= nowMs && ', put: 'while (next.atMs < nowMs && ' }],
  },
  {
    name: 'time: ends before boundaries',
    story: 'what a hold gives back at midnight sharp still comes in time for the day that ends (R15)',
    edits: [
      { file: ADVANCE, find: 'return [...boundaries, ...ends].reduce', put: 'return [...ends, ...boundaries].reduce' },
    ],
  },
  {
    name: 'time: given back as of the deadline',
    story: 'an outcome on record is replayed as of the deadline, not of its own instant (I2, I6)',
    edits: [
      {
        file: ADVANCE,
        find: "return { what: 'end', atMs: record.atMs, hold, record };",
        put: "return { what: 'end', atMs: hold.deadlineMs, hold, record: { ...record, atMs: hold.deadlineMs } };",
      },
    ],
  },
  {
    name: 'time: lapsed runs leave no tombstone',
    story: 'a run that lapsed or was cleaned up later is held again by a late duplicate (R6)',
    edits: [
      { file: ADVANCE, find: '[...stored.tombstones, ...ended]', put: '[...stored.tombstones, ...ended.slice(1)]' },
    ],
  },
  {
    name: 'time: tombstones cleared early',
    story: 'a tombstone is gone while its estimate can still be sent (R6)',
    edits: [
      {
        file: ADVANCE,
        find: '(mark) => nowMs < tombstoneEndsAtMs(mark)',
        put: '(mark) => nowMs < tombstoneEndsAtMs(mark) - 900_000',
      },
    ],
  },
  {
    name: 'time: credits come back for ever',
    story: 'what comes back after its grant is over never ends again (R15)',
    edits: [
      {
        file: GIVE_BACK,
        find: 'const expiresAtMs = atMs + RETURNED_VALID_MS;',
        put: 'const expiresAtMs = atMs + 3650 * RETURNED_VALID_MS;',
      },
    ],
  },
  {
    name: 'time: credits never come back',
    story: 'a failed run costs paid credits, because their grant ended while it ran (R15)',
    edits: [
      { file: GIVE_BACK, find: "if (grant.kind === 'free') return", put: 'if (grant.expiresAtMs <= atMs) return' },
    ],
  },
  {
    name: 'time: free credits come back',
    story: 'free credits of a day that is over come back for 24 hours (R12, R15)',
    edits: [
      {
        file: GIVE_BACK,
        find: "if (grant.kind === 'free') return",
        put: "if (grant.kind === 'free' && grant.remaining > 0) return",
      },
    ],
  },
  {
    name: 'time: the first bound is the last',
    story: 'the bound of deadlines is the latest, not the earliest: no sweep finds who has lapsed (R7)',
    edits: [
      {
        file: ADVANCE,
        find: 'deadlines.length === 0 ? null : Math.min(...deadlines)',
        put: 'deadlines.length === 0 ? null : Math.max(...deadlines)',
      },
    ],
  },
  {
    name: 'write: version unguarded',
    story: 'an account is read, changed and written over what came between (I1, I2)',
    edits: [{ file: CHANGE, find: "ConditionExpression: 'v = :seen'", put: "ConditionExpression: 'v >= :seen'" }],
  },
  {
    name: 'write: a first write over another',
    story: 'two first touches of an account, and the second writes over the first',
    edits: [
      {
        file: CHANGE,
        find: "? { ConditionExpression: ifNew }\n    : { ConditionExpression: 'v = :seen'",
        put: "? {}\n    : { ConditionExpression: 'v = :seen'",
      },
    ],
  },
  {
    name: 'write: lines without a condition',
    story: 'a sweep writes its lapse over the settle that came first (R11; elizaOS/eliza#11169)',
    edits: [{ file: CHANGE, find: 'Item, ConditionExpression: ifNew } }', put: 'Item } }' }],
  },
  {
    name: 'write: outcomes on record unread',
    story: 'a view lapses a run whose settle crashed before its release (R11)',
    edits: [
      {
        file: 'lib/store/account-view.ts',
        find: 'const endings = await readEndings(table, stored);',
        put: 'const endings = new Map<string, RunRecord>();',
      },
    ],
  },
  {
    name: 'write: done before it is done',
    story:
      'the mark that a request was answered is written before its effect: a crash between loses the effect (RedPlanetHQ/core#939; I7)',
    edits: [
      {
        file: 'lambdas/support/answer-once.ts',
        find: "import { createHash } from 'node:crypto';",
        put: "import { createHash } from 'node:crypto';\nimport { PutCommand } from '@aws-sdk/lib-dynamodb';",
      },
      {
        file: 'lambdas/support/answer-once.ts',
        find: 'return { ...deed, rows: [requestRow(accountId, { key, bodyHash, reply: JSON.stringify(deed.reply) })] };',
        put: `const mark = requestRow(accountId, { key, bodyHash, reply: JSON.stringify(deed.reply) });
    await deps.table.client.send(new PutCommand({ TableName: deps.table.name, ...mark }));
    return deed;`,
      },
    ],
  },
  {
    name: 'plan: the whole allowance again',
    story: 'an upgrade grants the full new allowance, whatever was spent (R18; polarsource/polar#9410)',
    edits: [
      {
        file: 'lib/domain/change-plan.ts',
        find: 'const granted = Math.max(size, spentOrHeld);',
        put: 'const granted = Math.max(size, spentOrHeld) + (size > grant.granted ? spentOrHeld : 0);',
      },
    ],
  },
];
