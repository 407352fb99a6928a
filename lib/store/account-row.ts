import * as z from 'zod/mini';
import {
  type Account,
  type Cycle,
  GRANT_KINDS,
  type Grant,
  type GrantKind,
  type Hold,
  type Part,
} from '../domain/account.ts';
import { uuidTimeMs } from '../domain/run-id.ts';
import { accountKey } from './keys.ts';
import { shardOf } from './shard.ts';

/**
 * The account item. Names are one letter, instants inside a hold are offsets and ids are 22 characters, because a write unit
 * is 1,024 bytes of the larger image and an account with 8 holds and 4 grants must fit in one.
 */
const credits = z.int().check(z.gte(0));
const instant = z.int();

const grantRow = z.object({
  /** Index in GRANT_KINDS. */
  k: z.int().check(z.gte(0), z.lte(GRANT_KINDS.length - 1)),
  s: credits,
  r: credits,
  /** 0 while anything is owed, or once it is over: a release that reads nothing then fails its condition, and the core decides (R15, R20). */
  x: instant,
  /** Taken, owed, and the expiry. */
  o: z.optional(z.array(z.int())),
});

const holdRow = z.object({
  /** Approved so many ms after the estimate. */
  a: z.int(),
  /** Deadline, so many ms after the approval; `f` the first one, where it was extended. */
  d: z.int(),
  f: z.optional(z.int()),
  /** Grant, credits, grant, credits, … in drawing order. */
  p: z.array(z.int()),
  t: z.string(),
  v: z.string(),
  /** Version of the standing rule that approved it; absent: the owner did. */
  r: z.optional(z.int()),
});

const accountRow = z.object({
  v: z.int(),
  u: instant,
  e: z.optional(instant),
  t: z.optional(instant),
  p: z.string(),
  l: z.optional(z.int()),
  d: z.int(),
  c: credits,
  g: z.catchall(z.object({}), grantRow),
  h: z.catchall(z.object({}), holdRow),
  z: z.optional(z.custom<ReadonlySet<string>>((value) => value instanceof Set)),
  n: z.int(),
  a: z.optional(z.int()),
  b: z.int(),
  w: z.optional(z.int()),
  y: z.optional(
    z.object({
      m: instant,
      i: z.int(),
      c: credits,
      /** Paid until; absent: by agreement. */
      u: z.optional(instant),
      /** 1: cancelled. */
      e: z.optional(z.int()),
      n: z.optional(z.string()),
      /** Grace until. */
      g: z.optional(instant),
      /** Out, paid, 1 where frozen. */
      s: z.optional(z.array(z.int())),
    }),
  ),
});

/** A run's key in the holds map: its 16 bytes in 22 characters. */
export const holdKey = (runUuid: string): string =>
  Buffer.from(runUuid.replaceAll('-', ''), 'hex').toString('base64url');

const uuidOf = (key: string): string =>
  Buffer.from(key, 'base64url')
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** A tombstone's: its 12 bytes in 16 characters. */
export const tombstoneKey = holdKey;

/** A grant stays on the account while a hold draws on it, so the kind need not be stored twice. */
const partsOf = (row: readonly number[], kindOf: (grantId: number) => GrantKind): readonly Part[] =>
  row.flatMap((grantId, at) => (at % 2 ? [] : { grantId, kind: kindOf(grantId), credits: row[at + 1] ?? 0 }));

/** Tools are stored by their catalog code: a name is ten times as long. */
export interface ToolCodes {
  readonly codeOf: (toolId: string) => string;
  readonly idOf: (code: string) => string;
}

export const holdToRow = (hold: Hold, tools: ToolCodes): z.infer<typeof holdRow> => ({
  a: hold.approvedAtMs - uuidTimeMs(hold.runUuid),
  d: hold.deadlineMs - hold.approvedAtMs,
  ...(hold.firstDeadlineMs === hold.deadlineMs ? {} : { f: hold.firstDeadlineMs - hold.approvedAtMs }),
  p: hold.parts.flatMap((part) => [part.grantId, part.credits]),
  t: tools.codeOf(hold.tool),
  v: hold.priceVersion,
  ...(hold.approval.how === 'standing_rule' ? { r: hold.approval.ruleVersion } : {}),
});

const holdFromRow = (
  key: string,
  row: z.infer<typeof holdRow>,
  tools: ToolCodes,
  kindOf: (grantId: number) => GrantKind,
): Hold => {
  const runUuid = uuidOf(key);
  const approvedAtMs = uuidTimeMs(runUuid) + row.a;
  return {
    runUuid,
    tool: tools.idOf(row.t),
    priceVersion: row.v,
    parts: partsOf(row.p, kindOf),
    approval: row.r === undefined ? { how: 'explicit' } : { how: 'standing_rule', ruleVersion: row.r },
    approvedAtMs,
    firstDeadlineMs: approvedAtMs + (row.f ?? row.d),
    deadlineMs: approvedAtMs + row.d,
  };
};

/** `validUntilMs` is the account's: what ends before it has ended. */
const grantToRow = (
  { kind, granted, remaining, expiresAtMs, back }: Grant,
  validUntilMs: number,
): z.infer<typeof grantRow> => {
  const { taken, owed } = back ?? { taken: 0, owed: 0 };
  const closed = expiresAtMs < validUntilMs || owed > 0;
  return {
    k: GRANT_KINDS.indexOf(kind),
    s: granted,
    r: remaining,
    x: closed ? 0 : expiresAtMs,
    ...(closed || taken > 0 ? { o: [taken, owed, expiresAtMs] } : {}),
  };
};

const backFromRow = ([taken = 0, owed = 0]: readonly number[] = []): Pick<Grant, 'back'> =>
  taken + owed === 0 ? {} : { back: { taken, owed } };

const grantFromRow = (id: string, row: z.infer<typeof grantRow>): Grant => ({
  id: Number(id),
  kind: GRANT_KINDS[row.k] ?? 'free',
  granted: row.s,
  remaining: row.r,
  expiresAtMs: row.o?.[2] ?? row.x,
  ...backFromRow(row.o),
});

/** The map of grants; `validUntilMs` is their account's. */
export const grantsToRow = (
  grants: readonly Grant[],
  { validUntilMs }: Account,
): Record<string, z.infer<typeof grantRow>> =>
  Object.fromEntries(grants.map((grant) => [String(grant.id), grantToRow(grant, validUntilMs)]));

const cycleToRow = ({
  anchorMs,
  step,
  creditsPerCycle,
  paid,
}: Cycle): NonNullable<z.infer<typeof accountRow>['y']> => ({
  m: anchorMs,
  i: step,
  c: creditsPerCycle,
  ...(paid === undefined ? {} : { u: paid.untilMs }),
  ...(paid?.renews === false ? { e: 1 } : {}),
  ...(paid?.nextPlanId == null ? {} : { n: paid.nextPlanId }),
  ...(paid?.graceUntilMs == null ? {} : { g: paid.graceUntilMs }),
  ...(paid?.share == null ? {} : { s: [paid.share.out, paid.share.paid, paid.share.frozen ? 1 : 0] }),
});

const cycleFromRow = (row: NonNullable<z.infer<typeof accountRow>['y']>): Cycle => ({
  anchorMs: row.m,
  step: row.i,
  creditsPerCycle: row.c,
  ...(row.u === undefined
    ? {}
    : {
        paid: {
          untilMs: row.u,
          renews: row.e === undefined,
          nextPlanId: row.n ?? null,
          graceUntilMs: row.g ?? null,
          share: row.s === undefined ? null : { out: row.s[0] ?? 0, paid: row.s[1] ?? 0, frozen: row.s[2] === 1 },
        },
      }),
});

export const accountToRow = (account: Account, tools: ToolCodes): Record<string, unknown> => ({
  ...accountKey(account.id),
  v: account.ver,
  u: account.validUntilMs,
  ...(account.holdsValidUntilMs === null ? {} : { e: account.holdsValidUntilMs }),
  ...(account.dueAtMs === null ? {} : { t: account.dueAtMs }),
  q: shardOf(account.id),
  p: account.planId,
  ...(account.dailyRunLimit === null ? {} : { l: account.dailyRunLimit }),
  d: account.runs.day,
  c: account.runs.used,
  g: grantsToRow(account.grants, account),
  h: Object.fromEntries(account.holds.map((hold) => [holdKey(hold.runUuid), holdToRow(hold, tools)])),
  ...(account.tombstones.length === 0 ? {} : { z: new Set(account.tombstones.map(tombstoneKey)) }),
  n: account.nextOrdinal,
  ...(account.rule.autoApproveUpTo === null ? {} : { a: account.rule.autoApproveUpTo }),
  b: account.rule.version,
  ...(account.lowBalanceAt === null ? {} : { w: account.lowBalanceAt }),
  ...(account.cycle === null ? {} : { y: cycleToRow(account.cycle) }),
});

/** Reads the item back; throws where it is not one of ours. */
export const accountFromRow = (id: string, item: unknown, tools: ToolCodes): Account => {
  const row = accountRow.parse(item);
  const kindOf = (grantId: number): GrantKind => {
    const grant = row.g[String(grantId)];
    if (grant === undefined) throw new Error(`a hold draws on grant ${grantId}, which is gone`);
    return grantFromRow(String(grantId), grant).kind;
  };
  const byRun = (a: Hold, b: Hold) => (a.runUuid < b.runUuid ? -1 : 1);
  return {
    id,
    ver: row.v,
    planId: row.p,
    dailyRunLimit: row.l ?? null,
    cycle: row.y === undefined ? null : cycleFromRow(row.y),
    grants: Object.entries(row.g)
      .map(([key, grant]) => grantFromRow(key, grant))
      .sort((a, b) => a.id - b.id),
    holds: Object.entries(row.h)
      .map(([key, hold]) => holdFromRow(key, hold, tools, kindOf))
      .sort(byRun),
    tombstones: [...(row.z ?? [])].map(uuidOf),
    runs: { day: row.d, used: row.c },
    rule: { autoApproveUpTo: row.a ?? null, version: row.b },
    lowBalanceAt: row.w ?? null,
    nextOrdinal: row.n,
    validUntilMs: row.u,
    holdsValidUntilMs: row.e ?? null,
    dueAtMs: row.t ?? null,
  };
};
