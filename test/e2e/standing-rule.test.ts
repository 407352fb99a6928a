import { afterAll, beforeAll, expect, test } from 'vitest';
import { getPreferences, getRun, putPreferences } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import type { Actor } from './actor.ts';
import { Api, iso } from './api.ts';
import { faultsOf } from './invariants.ts';

let api: Api;
beforeAll(async () => {
  api = await Api.open();
});
afterAll(() => api.stop());

const prefer = (owner: Actor, body: object) => owner.ok(putPreferences, { body });
const byAgent = (estimateId: string) => ({ body: { estimateId } });

test('preferences: what is named is set, what is null is cleared, what is left out stays', async () => {
  const owner = await api.user();
  const none = { autoApproveUpTo: null, lowBalanceAt: null, ruleVersion: 0 };
  expect(await owner.ok(getPreferences)).toEqual(none);
  expect(await prefer(owner, { lowBalanceAt: 10 })).toEqual({ ...none, lowBalanceAt: 10 });
  const ruled = { autoApproveUpTo: 5, lowBalanceAt: 10, ruleVersion: 1 };
  expect(await prefer(owner, { autoApproveUpTo: 5 })).toEqual(ruled);
  expect(await prefer(owner, { autoApproveUpTo: 5 })).toEqual(ruled);
  expect(await owner.ok(getPreferences)).toEqual(ruled);
  expect(await prefer(owner, { autoApproveUpTo: null, lowBalanceAt: null })).toEqual({ ...none, ruleVersion: 2 });
  expect(await owner.ok(getPreferences)).toEqual({ ...none, ruleVersion: 2 });
});

test('under a standing rule an agent holds by itself, up to its amount, and the version is on record (R4)', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  await prefer(owner, { autoApproveUpTo: 10 });
  const within = await api.quote(owner, 10, api.agent);
  const above = await api.quote(owner, 11, api.agent);
  expect([within.approval, above.approval]).toEqual(['standing_rule', 'required']);

  const run = await api.agent.ok(createRun, byAgent(within.estimateId));
  const approval = { by: owner.sub, at: iso(t), how: 'standing_rule', ruleVersion: 1, shown: { credits: 10 } };
  expect(run).toMatchObject({ held: 10, approval });
  const refused = await api.agent.refused(createRun, byAgent(above.estimateId));
  expect(refused).toMatchObject({ status: 403, code: 'approval_required' });
  expect(await owner.ok(createRun, byAgent(above.estimateId))).toMatchObject({
    held: 11,
    approval: { how: 'explicit' },
  });
  const params = { runId: run.runId };
  await api.agent.ok(settleRun, { params, body: { credits: 10 } });
  expect(await owner.ok(getRun, { params })).toMatchObject({ status: 'settled', approval });
  expect(await faultsOf(api, owner)).toEqual([]);
});

test('the rule that counts is the one in force at the approval, not at the estimate (R4)', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const before = await api.quote(owner, 5, api.agent);
  expect(before.approval).toBe('required');
  await prefer(owner, { autoApproveUpTo: 5 });
  const under = await api.agent.ok(createRun, byAgent(before.estimateId));
  expect(under.approval).toMatchObject({ how: 'standing_rule', ruleVersion: 1 });

  const raised = await api.quote(owner, 5, api.agent);
  await prefer(owner, { autoApproveUpTo: 6 });
  const after = await api.agent.ok(createRun, byAgent(raised.estimateId));
  expect(after.approval).toMatchObject({ how: 'standing_rule', ruleVersion: 2 });

  const withdrawn = await api.quote(owner, 5, api.agent);
  expect(withdrawn.approval).toBe('standing_rule');
  for (const autoApproveUpTo of [4, null]) {
    await prefer(owner, { autoApproveUpTo });
    const refused = await api.agent.refused(createRun, byAgent(withdrawn.estimateId));
    expect(refused).toMatchObject({ status: 403, code: 'approval_required' });
  }
  expect(await api.balance(owner)).toMatchObject({ held: 10, runsToday: { used: 2 } });
  expect(await faultsOf(api, owner)).toEqual([]);
});

test('a rule is no more than an approval: balance and run limit hold for the agent too (R5, R8)', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  await prefer(owner, { autoApproveUpTo: 1_000_000 });
  const { dailyFreeCredits: allowance, dailyRunLimit } = api.free;
  const dear = await api.quote(owner, allowance + 1, api.agent);
  expect(dear).toMatchObject({ approval: 'standing_rule', sufficient: false });
  const short = await api.agent.refused(createRun, byAgent(dear.estimateId));
  expect(short).toMatchObject({ status: 402, code: 'insufficient_credits' });
  for (let run = 0; run < (dailyRunLimit ?? 0); run++) {
    await api.agent.ok(createRun, byAgent((await api.quote(owner, 1, api.agent)).estimateId));
  }
  const limited = await api.agent.refused(createRun, byAgent((await api.quote(owner, 1, api.agent)).estimateId));
  expect(limited).toMatchObject({ status: 429, code: 'daily_run_limit_reached', problem: { limit: dailyRunLimit } });
  expect(limited.headers.get('retry-after')).toBe(String(12 * 3600));
  expect(limited.problem['resetsAt']).toBe(iso(t + 12 * 3600 * 1000));
  expect(await faultsOf(api, owner)).toEqual([]);
});

test('one account’s rule says nothing of another’s estimates', async () => {
  const generous = await api.user();
  const careful = await api.user();
  await prefer(generous, { autoApproveUpTo: 1_000 });
  const { estimateId, approval } = await api.quote(careful, 5, api.agent);
  expect(approval).toBe('required');
  const refused = await api.agent.refused(createRun, byAgent(estimateId));
  expect(refused).toMatchObject({ status: 403, code: 'approval_required' });
});
