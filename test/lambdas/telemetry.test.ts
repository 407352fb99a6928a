import { createHash } from 'node:crypto';
import { describe, expect, inject, test as plain, vi } from 'vitest';
import * as z from 'zod/mini';
import { createHandler as approve } from '../../lambdas/approve/handler.ts';
import { createHandler as estimate } from '../../lambdas/estimate/handler.ts';
import { tally } from '../../lambdas/events/tally.ts';
import { createHandler as settle } from '../../lambdas/settle/handler.ts';
import { createHandler as support } from '../../lambdas/support/handler.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import { getAccount } from '../../lib/http/contract/support.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { toolCodes } from '../../lib/store/table.ts';
import { openTelemetry } from '../../lib/telemetry/telemetry.ts';
import { freshTable, testClient } from '../fresh-table.ts';
import { streamOf } from '../stream.ts';
import { granted, NOON, World } from '../world.ts';
import { type Arrival, gatewayEvent, jwtOf, lambdaContext } from './gateway-event.ts';
import { openWebhook } from './webhooks-shop.ts';

const metricsOf = z.looseObject({
  service: z.literal('credits-dev'),
  _aws: z.object({
    Timestamp: z.int(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.literal('Credits'),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string() })),
      }),
    ),
  }),
});
/** What CloudWatch would count of a line, if it is one with metrics. */
const counted = (line: object): Record<string, unknown> => {
  const parsed = metricsOf.safeParse(line);
  if (!parsed.success) return {};
  const names = parsed.data._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  return Object.fromEntries(names.map((name) => [name, parsed.data[name]]));
};
const countedIn = (lines: readonly object[]): Record<string, unknown>[] =>
  lines.map(counted).filter((one) => Object.keys(one).length > 0);

const test = plain.extend<{ aws: undefined }>({
  aws: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern
    async ({}, use) => {
      vi.stubEnv('AWS_REGION', 'eu-central-1');
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
      await use(undefined);
      vi.unstubAllEnvs();
    },
    { auto: true },
  ],
});
const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16);

/** The doors of a run as Lambda runs them, each with 12 ms to the next look at the clock. */
const openDoors = async () => {
  const lines: object[] = [];
  let nowMs = NOON;
  const runtime: Runtime = {
    env: {
      TABLE_NAME: await freshTable(testClient()),
      SIGNING_SECRET_ARN: 'secret',
      DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
      STAGE: 'dev',
    },
    now: () => {
      nowMs += 12;
      return nowMs;
    },
    readSecret: async () => JSON.stringify({ kid: 'one', k: 'k'.repeat(43) }),
    note: (line) => void lines.push(line),
  };
  const handlers = { estimate: estimate(runtime), approve: approve(runtime), settle: settle(runtime) };
  const all = { ...handlers, support: support(runtime) };
  const call = async (operation: Operation, arrival: Arrival) => {
    const door = z.enum(['estimate', 'approve', 'settle', 'support']).parse(operation.door);
    const reply = await all[door](gatewayEvent(operation, arrival), lambdaContext);
    return z.looseObject({}).parse(JSON.parse(reply.body ?? ''));
  };
  return { call, lines };
};

describe('a request leaves one line', () => {
  test('with who, where, what and how long, and of no account more than a hash', async () => {
    const { call, lines } = await openDoors();
    const [owner, agent] = [jwtOf('ann', 'credits/user'), jwtOf('agent-1', 'credits/agent')];
    const quoted = await call(createEstimate, {
      authorizer: agent,
      body: '{"tool":"web-search","input":{},"accountId":"ann"}',
    });
    const { estimateId } = quoted;
    const { runId } = await call(createRun, { authorizer: owner, body: JSON.stringify({ estimateId }) });
    const params = { runId: String(runId) };
    await call(settleRun, { authorizer: agent, params, body: '{"credits":1}' });
    await call(settleRun, { authorizer: agent, params, body: '{"credits":0}' });

    const [ann, bot] = [hashOf('ann'), hashOf('agent-1')];
    const run = String(runId).slice(0, 36);
    const head = { level: 'INFO', service: 'credits-dev', requestId: 'request-1', ms: expect.any(Number) };
    expect(lines).toMatchObject([
      { ...head, route: 'POST /v1/estimates', caller: bot, account: ann, status: 201 },
      { ...head, route: 'POST /v1/runs', caller: ann, account: ann, run, status: 201 },
      { ...head, route: 'POST /v1/runs/{runId}/settle', caller: bot, account: ann, run, status: 200 },
      { ...head, caller: bot, account: ann, run, status: 409, code: 'run_already_settled' },
    ]);
    for (const line of lines) expect(Reflect.get(line, 'ms')).toBeGreaterThanOrEqual(12);
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/"ann"|agent-1|web-search/);
    expect(text).not.toContain(Buffer.from('ann').toString('base64url'));
    expect(text).not.toContain(String(estimateId));
  });

  test.for([
    { it: 'not found', params: { runId: 'YW5u.<script>' }, code: 'not_found', status: 404 },
    {
      it: 'too large',
      params: { runId: 'x' },
      body: `"${'x'.repeat(70_000)}"`,
      code: 'payload_too_large',
      status: 413,
    },
    { it: 'not JSON', params: { runId: 'x' }, body: '{', code: 'validation_failed', status: 400 },
  ])('that counts a refusal by its code: $it', async ({ params, body = '{"credits":1}', code, status }) => {
    const { call, lines } = await openDoors();
    await call(settleRun, { authorizer: jwtOf('agent-1', 'credits/agent'), params, body });
    expect(lines).toMatchObject([{ status, code }]);
    expect(lines.map(counted)).toEqual([{ Refusals: 1 }]);
    expect(metricsOf.parse(lines[0])._aws.CloudWatchMetrics[0]?.Dimensions).toEqual([['service'], ['service', 'code']]);
    expect(JSON.stringify(lines)).not.toMatch(/script|xxx/);
  });

  test('though nobody is known, and what is asked for is an account', async () => {
    const { call, lines } = await openDoors();
    await call(getAccount, { params: { id: 'ann' } });
    expect(lines).toMatchObject([{ status: 401, code: 'unauthenticated', account: hashOf('ann'), caller: undefined }]);
  });
});

describe('what runs hold, charge and absorb is counted from the stream', () => {
  const tools = toolCodes(catalog);
  const all = { batchItemFailures: [] };

  test('once, a cost that comes after the lapse too (R9, R11)', async () => {
    const world = await World.open();
    const settled = await world.hold('ann', 12);
    granted(await world.settle(settled.runId, 5));
    const over = await world.hold('ann', 4);
    granted(await world.settle(over.runId, 6));
    granted(await world.fail((await world.hold('ann', 3)).runId));
    const late = await world.hold('ann', 2, 60);
    world.nowMs += 60_000;
    expect(await world.settle(late.runId, 7)).toEqual({ refused: 'hold_expired' });
    granted(await world.grant('ann', 100));
    expect(tally(await streamOf(world), all, tools)).toEqual({
      RunsHeld: 4,
      CreditsHeld: 12 + 4 + 3 + 2,
      RunsSettled: 2,
      CreditsSettled: 5 + 4,
      CreditsAbsorbed: 2 + 7,
      RunsFailed: 1,
      RunsExpired: 1,
    });
  });

  test('up to where a batch stopped, and the rest with the next', async () => {
    const world = await World.open();
    for (const credits of [1, 2, 3]) granted(await world.settle((await world.hold('ann', credits)).runId, credits));
    const records = await streamOf(world);
    const total = { RunsHeld: 3, CreditsHeld: 6, RunsSettled: 3, CreditsSettled: 6, CreditsAbsorbed: 0 };
    expect(tally(records, all, tools)).toEqual(total);
    for (const [at, record] of records.entries()) {
      const itemIdentifier = record.dynamodb?.SequenceNumber ?? '';
      const first = tally(records, { batchItemFailures: [{ itemIdentifier }] }, tools);
      const rest = tally(records.slice(at), all, tools);
      const sum = (name: 'CreditsHeld' | 'CreditsSettled') => (first[name] ?? 0) + (rest[name] ?? 0);
      expect([sum('CreditsHeld'), sum('CreditsSettled')]).toEqual([6, 6]);
    }
  });
});

describe('webhooks', () => {
  test('count what became of each, and how late it is', async () => {
    const { pay, deliver, noted, shop } = await openWebhook();
    const { body } = await pay('ann');
    noted.splice(0);
    await deliver(body);
    await shop.moveTo(shop.clock.nowMs + 90_000);
    await deliver(body);
    await deliver(body, { header: 't=1,v1=0' });
    await deliver('{"id":"evt_1"}');
    expect(countedIn(noted)).toEqual([
      { WebhookApplied: 1, WebhookLagSeconds: 0 },
      { WebhookKnown: 1, WebhookLagSeconds: 90 },
      { WebhookUnsigned: 1 },
      { Refusals: 1 },
      { WebhookUnreadable: 1 },
      { Refusals: 1 },
    ]);
  });

  test('of a form that we do not know are unreadable, as its alarm has it', async () => {
    const { pay, deliver, noted } = await openWebhook();
    const { body } = await pay('ann');
    noted.splice(0);
    await deliver(JSON.stringify({ ...JSON.parse(body), data: { object: { id: 'cs_1' } } }));
    expect(countedIn(noted)).toEqual([{ WebhookUnreadable: 1 }, { Refusals: 1 }]);
  });

  test('of an amount that was not offered are a mismatch', async () => {
    const { pay, deliver, noted } = await openWebhook();
    const { body } = await pay('ann', 400);
    noted.splice(0);
    await deliver(body);
    expect(countedIn(noted)).toEqual([{ WebhookMismatch: 1, WebhookLagSeconds: 0 }]);
  });
});

describe('a function’s telemetry', () => {
  test('writes metrics by the embedded metric format, and no line where there is nothing', () => {
    const lines: object[] = [];
    const { count } = openTelemetry({ env: { STAGE: 'dev' }, note: (line) => void lines.push(line) });
    count({ LedgerChecked: 40, LedgerDrift: 0 });
    count({});
    count({ WebhookLagSeconds: Number.NaN });
    expect(lines.map(counted)).toEqual([{ LedgerChecked: 40, LedgerDrift: 0 }]);
    expect(metricsOf.parse(lines[0])._aws.CloudWatchMetrics[0]?.Dimensions).toEqual([['service']]);
  });

  test('shows on one machine only what went wrong', () => {
    const shown: string[] = [];
    const write = (line: unknown) => shown.push(String(line)) > 0;
    const spies = [
      vi.spyOn(process.stdout, 'write').mockImplementation(write),
      vi.spyOn(process.stderr, 'write').mockImplementation(write),
    ];
    const { count, info, warn } = openTelemetry({ env: { STAGE: 'local' } });
    count({ LedgerChecked: 40 });
    info('all is well', {});
    warn('something is not', { fault: 'Contended' });
    for (const spy of spies) spy.mockRestore();
    expect(shown.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'WARN', message: 'something is not', fault: 'Contended' },
    ]);
  });
});
