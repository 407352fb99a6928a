import { beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { isAlive } from '../../lib/domain/draw.ts';
import { addGrant, type Step } from '../../lib/domain/give-back.ts';
import { MAX_NAMED } from '../../lib/domain/hold-plan.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { token } from '../../lib/http/contract/words.ts';
import { changeAccount, touchAccount } from '../../lib/store/change-account.ts';
import { readDue } from '../../lib/store/due-accounts.ts';
import { shardOf } from '../../lib/store/shard.ts';
import { openEstimate } from '../../lib/token/estimate-token.ts';
import { granted, World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const stored = () => world.stored('ann');
const balance = async () => balanceOf(await world.account('ann'), world.nowMs);
const live = (account: Account) => account.grants.filter((grant) => isAlive(grant, world.nowMs));

/** A transaction takes a hundred lines. */
const AT_ONCE = 80;
/** So many packs of so many credits, the first to end first; none of them today unless said, and so behind what is free. */
const buy = async (packs: number, credits: number, firstEndsMs = world.nowMs + 100 * DAY_MS): Promise<void> => {
  for (let bought = 0; bought < packs; bought += AT_ONCE) {
    granted(
      await changeAccount(world.deps.table, 'ann', world.nowMs, (account) => {
        let step: Step = { account, entries: [] };
        for (let at = bought; at < Math.min(packs, bought + AT_ONCE); at++) {
          const expiresAtMs = firstEndsMs + at * SECOND_MS;
          const line = { atMs: world.nowMs, kind: 'grant', reason: 'test' } as const;
          const next = addGrant(step.account, { kind: 'pack', granted: credits, expiresAtMs }, line);
          step = { account: next.account, entries: [...step.entries, ...next.entries] };
        }
        return step;
      }),
    );
  }
};

const spend = async (credits: number): Promise<void> => {
  for (let left = credits; left > 0; ) {
    const run = await world.hold('ann', Math.min(300, left));
    left -= granted(await world.settle(run.runId, run.held, run.receipt)).charged;
  }
};

const isToken = (text: string): boolean => token.safeParse(text).success;

/** Every expression the world sends, by what it is: the longest of each. */
const longest = (): Map<string, number> => {
  const lengths = new Map<string, number>();
  world.deps.table.client.middlewareStack.add(
    (next) => (request) => {
      const { input } = request;
      for (const [name, text] of Object.entries(input)) {
        if (!name.endsWith('Expression') || typeof text !== 'string') continue;
        lengths.set(name, Math.max(lengths.get(name) ?? 0, text.length));
      }
      return next(request);
    },
    { step: 'initialize', name: `lengths-${Math.random()}` },
  );
  return lengths;
};

describe('an account with hundreds of packs', () => {
  test('most of them spent, holds, settles and shows its balance; what is spent for good is not named', async () => {
    await buy(300, 10);
    // What is free today goes first.
    const free = (await balance()).available - 3000;
    await spend(free + 2900);
    expect(live(await stored())).toHaveLength(301);

    const lengths = longest();
    const quoted = await world.quote('ann', 25);
    const plan = (await openEstimate(world.deps.signer, quoted))?.plan;
    expect(plan?.draws.map(({ credits, exact }) => [credits, exact])).toEqual([
      [10, true],
      [10, true],
      [5, false],
    ]);
    const run = granted(await world.approve('ann', quoted));
    expect(await balance()).toMatchObject({ available: 75, held: 25 });
    expect(await world.settle(run.runId, 11, run.receipt)).toMatchObject({ charged: 11, released: 14 });
    expect(await balance()).toMatchObject({ available: 89, held: 0 });
    expect(lengths.get('ConditionExpression')).toBeLessThan(500);
    expect(await world.faults('ann')).toEqual([]);
  }, 60_000);

  test('one of them spent gets its credits back: a plan made before does not pass it over (R5, R27)', async () => {
    await buy(3, 10);
    const free = (await balance()).available - 30;
    await spend(free);
    const first = await world.hold('ann', 10);
    granted(await world.settle(first.runId, 10));
    const quoted = await world.quote('ann', 15);
    granted(await world.refund(first.runId));
    const run = granted(await world.approve('ann', quoted));
    const [hold] = (await stored()).holds;
    expect(run.held).toBe(15);
    const packs = (await stored()).grants.filter(({ kind }) => kind === 'pack').map(({ id }) => id);
    expect(hold?.parts).toMatchObject([
      { grantId: packs[0], credits: 10 },
      { grantId: packs[1], credits: 5 },
    ]);
    expect(await world.faults('ann')).toEqual([]);
  });

  test('each with a credit left is drawn on by one hold, given back to and drawn on again in order (R5)', async () => {
    await buy(300, 1);
    const free = (await balance()).available - 300;
    await spend(free);
    const lengths = longest();
    const quoted = await world.quote('ann', 280);
    expect(isToken(quoted)).toBe(true);
    const run = granted(await world.approve('ann', quoted));
    expect(isToken(run.receipt)).toBe(true);
    expect(await world.approve('ann', quoted)).toEqual(run);
    expect(await balance()).toMatchObject({ available: 20, held: 280 });

    // 80 spent, 200 of one credit each go back: more than one write can name.
    expect(await world.settle(run.runId, 80, run.receipt)).toMatchObject({ charged: 80, released: 200 });
    expect(await world.settle(run.runId, 80, run.receipt)).toMatchObject({ charged: 80, released: 200 });
    expect(await balance()).toMatchObject({ available: 220, held: 0 });
    expect(await world.faults('ann')).toEqual([]);

    const next = await world.hold('ann', 3);
    const packs = (await stored()).grants.filter(({ kind }) => kind === 'pack').map(({ id }) => id);
    expect((await stored()).holds).toMatchObject([{ parts: packs.slice(80, 83).map((grantId) => ({ grantId })) }]);
    expect(await world.fail(next.runId, 'test', next.receipt)).toMatchObject({ released: 3 });
    expect(await balance()).toMatchObject({ available: 220, held: 0 });
    expect(Math.max(...lengths.values())).toBeLessThan(4096);
    expect(await world.faults('ann')).toEqual([]);
  }, 60_000);

  test('what one write cannot give back, the sweep does at once, or whoever comes to the deadline', async () => {
    await buy(150, 1);
    await spend((await balance()).available - 150);
    const run = await world.hold('ann', 150);
    granted(await world.fail(run.runId, 'test', run.receipt));
    const due = await readDue(world.deps.table, 'boundaries', shardOf('ann'), world.nowMs, 10, null);
    expect(due.accountIds).toEqual(['ann']);
    await touchAccount(world.deps.table, 'ann', world.nowMs);
    expect(await stored()).toMatchObject({ holds: [], runs: { used: (await balance()).runsToday.used } });
    expect((await balance()).available).toBe(150);
    expect(await world.faults('ann')).toEqual([]);

    const other = await world.hold('ann', 150);
    world.nowMs += HOUR_MS;
    expect((await balance()).available).toBe(150);
    expect(await world.settle(other.runId, 5, other.receipt)).toEqual({ refused: 'hold_expired' });
    expect((await balance()).available).toBe(150);
    expect(await world.faults('ann')).toEqual([]);
  }, 60_000);
});

describe('a hold from 150 packs that are all over before it ends (R15)', () => {
  test.each([
    { it: 'fails', endsAfterMs: 0 },
    { it: 'lapses', endsAfterMs: HOUR_MS },
  ])(
    '$it: they all come back for 24 hours, as one line that one transaction takes',
    async ({ endsAfterMs }) => {
      await buy(150, 1, world.nowMs + SECOND_MS);
      // What ends first goes first: the packs, and nothing free.
      const run = await world.hold('ann', 150);
      expect((await stored()).holds).toMatchObject([{ parts: { length: 150 } }]);
      world.nowMs += 10 * MINUTE_MS + endsAfterMs;
      if (endsAfterMs === 0) granted(await world.fail(run.runId, 'test'));
      await touchAccount(world.deps.table, 'ann', world.nowMs);
      expect(await stored()).toMatchObject({ holds: [] });
      const { entries } = await world.history('ann');
      const back = entries.filter(({ reason }) => reason === 'returned_after_expiry');
      expect(back).toMatchObject([{ kind: 'adjustment', changes: { length: 150 } }]);
      const packs = (await stored()).grants.filter(({ kind }) => kind === 'pack');
      expect(packs.reduce((sum, { remaining }) => sum + remaining, 0)).toBe(150);
      expect(new Set(packs.map(({ expiresAtMs }) => expiresAtMs))).toEqual(new Set([(back[0]?.atMs ?? 0) + DAY_MS]));
      expect(await world.faults('ann')).toEqual([]);
    },
    60_000,
  );
});

describe(`a hold that would name more than ${MAX_NAMED} grants`, () => {
  const GRANTS = MAX_NAMED + 20;

  test.each([
    ['another hold', async () => void (await world.hold('ann', 1))],
    ['a settle that gives back', async (run: string) => void granted(await world.settle(run, 0))],
    ['a grant', () => buy(1, 5, world.nowMs + HOUR_MS)],
  ] as const)(
    'is planned anew where %s came since the plan, and takes what ends soonest (R5)',
    async (_, comes) => {
      await buy(GRANTS, 1);
      await spend((await balance()).available - GRANTS);
      const first = await world.hold('ann', 2);
      const quoted = await world.quote('ann', MAX_NAMED + 10);
      // A read of the account comes first, then something happens, then the write.
      let happened = false;
      const { client } = world.deps.table;
      client.middlewareStack.add(
        (next, context) => async (request) => {
          if (!happened && context.commandName === 'UpdateItemCommand') {
            happened = true;
            await comes(first.runId);
          }
          return next(request);
        },
        { step: 'initialize', name: 'meanwhile' },
      );
      granted(await world.approve('ann', quoted));
      const account = await stored();
      expect(happened).toBe(true);
      const held = account.holds.reduce(
        (sum, hold) => sum + hold.parts.reduce((all, part) => all + part.credits, 0),
        0,
      );
      const left = live(account).filter((grant) => grant.remaining > 0);
      expect(left.every((grant, at) => at === 0 || grant.remaining === 1)).toBe(true);
      expect(held).toBeGreaterThanOrEqual(MAX_NAMED + 10);
      const drawn = account.holds.flatMap((hold) => hold.parts.map((part) => part.grantId));
      const lastDrawn = Math.max(
        ...account.grants.filter((each) => drawn.includes(each.id)).map((each) => each.expiresAtMs),
      );
      expect(left.every((grant) => grant.expiresAtMs >= lastDrawn)).toBe(true);
      expect(await world.faults('ann')).toEqual([]);
    },
    60_000,
  );

  test('two at once each take their own', async () => {
    await buy(2 * GRANTS, 1);
    await spend((await balance()).available - 2 * GRANTS);
    const quotes = [await world.quote('ann', GRANTS), await world.quote('ann', GRANTS)];
    const runs = await Promise.all(quotes.map((quoted) => world.approve('ann', quoted)));
    expect(runs.map((run) => granted(run).held)).toEqual([GRANTS, GRANTS]);
    expect(await balance()).toMatchObject({ available: 0, held: 2 * GRANTS });
    expect(await world.approve('ann', await world.quote('ann', 1))).toMatchObject({ refused: 'insufficient_credits' });
    expect(await world.faults('ann')).toEqual([]);
  }, 60_000);
});
