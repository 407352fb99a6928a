import { expect, test } from 'vitest';
import { balanceOf } from '../../lib/domain/balance.ts';
import { endRun } from '../../lib/domain/run-record.ts';
import { DAY_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { putRecord } from '../../lib/store/end-hold.ts';
import { granted, World } from '../world.ts';

/** Found by seed 832068: two hosts a few milliseconds apart, and an expiry between them. */
test('a run that has ended after an expiry gives nothing back to what is over, whoever’s clock is before it (R15)', async () => {
  const world = await World.open();
  const { table } = world.deps;
  const endsAtMs = world.nowMs + MINUTE_MS;
  await world.grant('ann', 29, new Date(endsAtMs).toISOString());
  const run = await world.hold('ann', 8);
  const [hold] = (await world.stored('ann')).holds;
  if (hold === undefined) throw new Error('nothing is held');

  const endedMs = endsAtMs + 1;
  await putRecord(table, 'ann', endRun(hold, { outcome: 'settled', cost: 3 }, endedMs));
  world.nowMs = endsAtMs - 1;
  granted(await world.settle(run.runId, 3));

  world.nowMs = endsAtMs + 2;
  await touchAccount(table, 'ann', world.nowMs);
  expect(balanceOf(await world.account('ann'), world.nowMs).grants).toMatchObject([
    { kind: 'free', remaining: 40 },
    { kind: 'promotional', remaining: 5, expiresAtMs: endedMs + DAY_MS },
  ]);
  expect(await world.faults('ann')).toEqual([]);
});
