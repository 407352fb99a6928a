import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { failRun, settleRun } from '../../lib/http/contract/settle.ts';
import type { Actor } from './actor.ts';
import { Api, DAY, MINUTE } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await Api.open();
});
afterAll(() => api.stop());

const published = z.object({
  events: z.array(z.object({ id: z.string(), type: z.string(), detail: z.looseObject({ accountId: z.string() }) })),
});

/** What the bus was told of an account, in order. */
const eventsOf = async ({ sub }: Actor) => {
  const { body } = await api.system.request('GET', '/local/events');
  return published.parse(body).events.filter(({ detail }) => detail.accountId === sub);
};
const typesOf = async (owner: Actor) => (await eventsOf(owner)).map(({ type }) => type);

test('a run is told when it is held and when it has ended, each once', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const settled = await api.hold(owner, 10);
  await api.agent.ok(settleRun, { params: { runId: settled.runId }, body: { credits: 4 } });
  const failed = await api.hold(owner, 10);
  await api.agent.ok(failRun, { params: { runId: failed.runId }, body: { reason: 'out of memory' } });
  await api.agent.ok(failRun, { params: { runId: failed.runId }, body: { reason: 'out of memory' } });
  const events = await eventsOf(owner);
  expect(events.map(({ type }) => type).sort()).toEqual([
    'credits.granted',
    'run.failed',
    'run.held',
    'run.held',
    'run.settled',
  ]);
  expect(events.find(({ type }) => type === 'run.settled')?.detail).toMatchObject({
    run: { runId: settled.runId, charged: 4, released: 6 },
  });
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

test('with schedules a lapse and a reset are told by themselves; without, when somebody looks', async () => {
  const noon = await api.nextNoon();
  const [swept, left] = [await api.user(), await api.user()];
  await api.hold(swept, 10, 60);
  api.schedules = 'on';
  await api.at(noon + MINUTE);
  expect(await typesOf(swept)).toEqual(['credits.granted', 'run.held', 'run.expired']);

  api.schedules = 'off';
  const run = await api.hold(left, 10, 60);
  await api.at(noon + 2 * MINUTE);
  expect(await typesOf(left)).toEqual(['credits.granted', 'run.held']);
  expect(await api.history(left, { kind: 'run' })).toMatchObject([{ runId: run.runId, status: 'expired' }]);
  expect(await typesOf(left)).toEqual(['credits.granted', 'run.held', 'run.expired']);

  const spent = await api.hold(swept, 30);
  await api.agent.ok(settleRun, { params: { runId: spent.runId }, body: { credits: 30 } });
  api.schedules = 'on';
  await api.at(noon + DAY);
  api.schedules = 'off';
  expect((await typesOf(swept)).slice(-2)).toEqual(['credits.expired', 'credits.granted']);
});

test('nothing told is lost or told anew when the power goes', async () => {
  await api.nextNoon();
  const owner = await api.user();
  await api.hold(owner, 5);
  const before = await eventsOf(owner);
  await api.hold(owner, 6);
  await api.system.kill();
  await api.system.restart();
  const after = await eventsOf(owner);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(new Set(after.map(({ id }) => id)).size).toBe(before.length + 1);
});
