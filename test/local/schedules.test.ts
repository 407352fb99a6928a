import { expect, onTestFinished, test, vi } from 'vitest';
import type { StackSchedule } from '../../local/feeds.ts';
import { nextFiringMs, openSchedules } from '../../local/schedules.ts';

const at = (text: string) => Date.parse(text);

test.each([
  ['rate(1 minute)', '2026-03-01T12:00:00.000Z', '2026-03-01T12:01:00.000Z'],
  ['rate(1 minute)', '2026-03-01T12:00:59.999Z', '2026-03-01T12:01:00.000Z'],
  ['cron(0 0 * * ? *)', '2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00.000Z'],
  ['cron(0 0 * * ? *)', '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  // The clocks of much of the world change on this day; UTC's do not.
  ['cron(0 0 * * ? *)', '2026-03-29T00:00:00.000Z', '2026-03-30T00:00:00.000Z'],
  ['cron(5/15 * * * ? *)', '2026-03-01T12:05:00.000Z', '2026-03-01T12:20:00.000Z'],
  ['cron(5/15 * * * ? *)', '2026-03-01T12:50:00.000Z', '2026-03-01T13:05:00.000Z'],
])('%s after %s fires at %s', (expression, after, next) => {
  expect(new Date(nextFiringMs(expression, at(after))).toISOString()).toBe(next);
});

test('a schedule this machine cannot run is named', () => {
  expect(() => nextFiringMs('at(2026-01-01T00:00:00)', 0)).toThrow('at(2026-01-01T00:00:00)');
});

const schedule = (id: string, expression: string): StackSchedule => ({
  id,
  expression,
  input: { dueFor: id },
  shards: ['0', '1'],
  fn: { id: 'Sweep', bundle: '', environment: new Map() },
});

test('many missed firings are one; each shard is called until it is done; the first due is first', async () => {
  const calls: unknown[] = [];
  const unfinished = new Set(['{"dueFor":"minutes","shard":"1"}']);
  const { fire } = openSchedules(
    [schedule('midnight', 'cron(0 0 * * ? *)'), schedule('minutes', 'rate(1 minute)')],
    async (_, event) => {
      calls.push(event);
      return { complete: !unfinished.delete(JSON.stringify(event)) };
    },
  );
  await fire(at('2026-03-01T23:00:00.000Z'), at('2026-03-02T01:00:00.000Z'));
  expect(calls).toHaveLength(5);
  expect(calls.slice(0, 3)).toContainEqual({ dueFor: 'minutes', shard: '0' });
  expect(calls.filter((call) => JSON.stringify(call) === '{"dueFor":"minutes","shard":"1"}')).toHaveLength(2);
  expect(calls.slice(3)).toEqual([
    { dueFor: 'midnight', shard: '0' },
    { dueFor: 'midnight', shard: '1' },
  ]);
});

test('a shard that fails is left for the next run, and all others are done', async () => {
  const done: unknown[] = [];
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  const { fire } = openSchedules(
    [schedule('a', 'rate(1 minute)'), schedule('b', 'rate(1 minute)')],
    async (_, event) => {
      if (JSON.stringify(event) === '{"dueFor":"a","shard":"0"}') throw new Error('Stripe is down');
      done.push(event);
      return { complete: true };
    },
  );
  await fire(at('2026-03-01T23:00:00.000Z'), at('2026-03-02T01:00:00.000Z'));
  expect(done).toEqual([
    { dueFor: 'a', shard: '1' },
    { dueFor: 'b', shard: '0' },
    { dueFor: 'b', shard: '1' },
  ]);
  expect(said.mock.calls).toEqual([[expect.stringMatching(/^a has failed on shard 0.*Stripe is down/)]]);
});

test('nothing fires where nothing is due', async () => {
  let calls = 0;
  const { fire } = openSchedules([schedule('midnight', 'cron(0 0 * * ? *)')], async () => {
    calls += 1;
    return { complete: true };
  });
  await fire(at('2026-03-01T00:00:00.000Z'), at('2026-03-01T23:59:59.999Z'));
  expect(calls).toBe(0);
});
