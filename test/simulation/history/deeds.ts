import { sweep } from '../../../lambdas/schedulers/sweep/sweep.ts';
import { isRefusal, type Refusal } from '../../../lib/domain/refusal.ts';
import { assignPlan } from '../../../lib/http/contract/support.ts';
import { formatRunId } from '../../../lib/http/run-id.ts';
import { shardOf } from '../../../lib/store/shard.ts';
import { doors } from './doors.ts';
import { ACCOUNTS, type Deed, type Planned } from './plan.ts';
import { prefer } from './prefer.ts';
import { run } from './run-deeds.ts';
import { atStripe, reconcile } from './stripe-deeds.ts';
import type { World } from './world.ts';

type DeedOf<What extends Deed['what']> = Extract<Deed, { what: What }>;

const refused = (world: World, what: string, answer: Refusal): void =>
  world.fault(`${what} is refused: ${JSON.stringify(answer)}`);

const readBalance = async (world: World, account: string): Promise<void> => {
  let askedAtMs = world.now();
  const answer = await world.request({ actor: account, operation: 'balance' }, (life) => {
    askedAtMs = world.now();
    return doors.balance(world.depsOf(life), account);
  });
  if (answer === null) return;
  world.note(
    account,
    () => `balance → ${answer.available} available, ${answer.held} held, ${answer.runsToday.used} runs`,
  );
  world.oracle.balance(account, askedAtMs, answer);
};

const readUsage = async (world: World, account: string): Promise<void> => {
  let askedAtMs = world.now();
  const answer = await world.request({ actor: account, operation: 'usage' }, (life) => {
    askedAtMs = world.now();
    return doors.usage(world.depsOf(life), account);
  });
  if (answer === null) return;
  if (!('entries' in answer)) {
    world.fault(`usage answers ${JSON.stringify(answer)}`);
    return;
  }
  world.oracle.listed(account, askedAtMs, answer.entries);
};

const grant = async (
  world: World,
  { account, credits, livesMs, copies }: DeedOf<'grant'>,
  id: number,
): Promise<void> => {
  const key = `grant-${id}`;
  const body = { credits, expiresAt: new Date(world.now() + livesMs).toISOString() };
  const once = async (): Promise<void> => {
    const answer = await world.request({ actor: 'support', operation: 'grant' }, (life) =>
      doors.grant(world.depsOf(life), account, body, key),
    );
    if (answer === null) return;
    world.note('support', () => `grant of ${credits} to ${account} → ${JSON.stringify(answer)}`);
    const late = isRefusal(answer) && answer.refused === 'validation_failed';
    if (isRefusal(answer) && !late) {
      refused(world, 'a grant', answer);
      return;
    }
    if (!late) world.oracle.same(key, answer);
  };
  await Promise.all(Array.from({ length: copies }, once));
};

const changePlan = async (world: World, { account, planId, copies }: DeedOf<'plan'>, id: number): Promise<void> => {
  const key = `plan-${id}`;
  const once = async (): Promise<void> => {
    const answer = await world.request({ actor: 'support', operation: 'plan' }, (life) =>
      doors.plan(world.depsOf(life), account, planId, key),
    );
    if (answer === null) return;
    world.note('support', () => `plan ${planId} for ${account} → done`);
    if (isRefusal(answer)) {
      refused(world, 'a plan', answer);
      return;
    }
    world.oracle.same(key, assignPlan.reply.parse(answer));
  };
  await Promise.all(Array.from({ length: copies }, once));
};

const refund = async (world: World, deed: DeedOf<'refund'>): Promise<void> => {
  const runs = world.oracle.settledRuns();
  const runUuid = runs[deed.pick % Math.max(1, runs.length)];
  const accountId = runUuid === undefined ? undefined : world.oracle.runOf(runUuid)?.accountId;
  if (runUuid === undefined || accountId === undefined) return;
  const once = async (): Promise<void> => {
    const answer = await world.request({ actor: 'support', operation: 'refund' }, (life) =>
      doors.refund(world.depsOf(life), formatRunId({ accountId, runUuid }), 'as asked'),
    );
    if (answer === null) return;
    world.note('support', () => `refund ${runUuid} → ${JSON.stringify(answer)}`);
    // Support's clock may still be before the settle's.
    if (isRefusal(answer) && answer.refused === 'refund_not_covered' && world.skewMs > 0) return;
    if (isRefusal(answer)) {
      refused(world, `the refund of ${runUuid}`, answer);
      return;
    }
    world.oracle.same(`refund ${runUuid}`, answer);
  };
  await Promise.all(Array.from({ length: deed.copies }, once));
};

/** One pass of a schedule over the shards of these accounts; a killed one is not taken up again: the next pass comes anyway. */
export const sweepOnce = async (world: World, { dueFor, lateMs, copies }: DeedOf<'sweep'>): Promise<void> => {
  const nowMs = world.now() - lateMs;
  const one = async (shard: string): Promise<void> => {
    await world.request({ actor: `sweep`, operation: `sweep`, tries: 1 }, (life) =>
      sweep(
        { table: world.depsOf(life).table, now: () => nowMs, hasTime: () => true, telemetry: world.telemetry },
        dueFor,
        shard,
      ),
    );
  };
  await Promise.all(
    Array.from({ length: copies }, () => Promise.all(ACCOUNTS.map((account) => one(shardOf(account))))),
  );
};

export const perform = (world: World, { id, deed }: Planned): Promise<void> => {
  switch (deed.what) {
    case 'run':
      return run(world, deed, id);
    case 'balance':
      return readBalance(world, deed.account);
    case 'usage':
      return readUsage(world, deed.account);
    case 'prefer':
      return prefer(world, deed.account, deed.upTo);
    case 'grant':
      return grant(world, deed, id);
    case 'plan':
      return changePlan(world, deed, id);
    case 'refund':
      return refund(world, deed);
    case 'sweep':
      return sweepOnce(world, deed);
    case 'reconcile':
      return reconcile(world);
    case 'stripe':
      return atStripe(world, deed);
  }
};
