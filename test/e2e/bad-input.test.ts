import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun } from '../../lib/http/contract/account.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { refundRun } from '../../lib/http/contract/support.ts';
import { DAY, iso } from './api.ts';
import { floods, shapelessBodies, wrongFields } from './bad-bodies.ts';
import { junkAccountIds, junkQueries, junkRunIds } from './bad-places.ts';
import { wrongToolFields } from './bad-tool-fields.ts';
import { invalid, RefusalTable } from './refusal-table.ts';

const MEGABYTE = 1024 * 1024;

let table: RefusalTable;
beforeAll(async () => {
  table = await RefusalTable.open();
});
afterAll(() => table.api.stop());

const schemaOf = (id: string): unknown => {
  const described = table.api.system.contract.operations.find(({ operationId }) => operationId === id);
  return described?.requestBody?.content['application/json']?.schema;
};
const withBody = operations.filter(({ method }) => method !== 'GET');

test('every operation the system serves has a good request to spoil', () => {
  const served = table.api.system.contract.operations.map(({ operationId }) => operationId);
  expect(Object.keys(table.good).toSorted()).toEqual(served.toSorted());
});

describe('bodies', () => {
  test.each(operations)('$id: what is no JSON object, and what is too large', async ({ id, method }) => {
    const shapeless = shapelessBodies({ ...table.goodOf(id).body, filler: 'x' });
    // A GET has no fields that could be wrong; what comes along with it must be JSON all the same.
    const rows = method === 'GET' ? shapeless.filter(({ it }) => it === 'half of it' || it === 'NaN') : shapeless;
    const oversized = (bytes: number) => ({ rawBody: `{"filler":"${'x'.repeat(bytes)}"}` });
    const tooLarge = { status: 413, code: 'payload_too_large' } as const;
    await table.refuses(
      id,
      [
        ...rows.map(({ it, paths, ...asked }) => ({ it, asked, ...invalid, paths })),
        { it: '70 KB', asked: oversized(70 * 1024), ...tooLarge },
        { it: 'arrays in arrays, 100,000 deep', asked: { rawBody: '['.repeat(100_000) }, ...tooLarge },
        { it: 'over 10 MB', asked: oversized(10 * MEGABYTE), status: 413 },
      ],
      true,
    );
  });

  test.each(withBody)(
    '$id: each field of the wrong type, out of bounds, missing, unknown, reserved',
    async ({ id }) => {
      const { body = {} } = table.goodOf(id);
      const bodies = id === 'settleRun' ? [body, { usage: table.api.metered.exampleInput }] : [body];
      const rows = bodies.flatMap((each) => wrongFields(each, schemaOf(id)));
      await table.refuses(
        id,
        rows.map(({ it, paths, ...asked }) => ({ it, asked, ...invalid, paths })),
      );
    },
  );

  test.each(withBody)('$id: a flood of unknown keys is answered in few words', async ({ id }) => {
    const rows = floods(table.goodOf(id).body ?? {});
    await table.refuses(
      id,
      rows.map(({ it, ...asked }) => ({ it, asked, ...invalid })),
    );
  });

  test('what is right in each field and wrong as a whole', async () => {
    const settles = [{ credits: 1, usage: {} }, { receipt: table.scene.held.receipt }, {}];
    await table.refuses(
      'settleRun',
      settles.map((body) => ({ it: JSON.stringify(body), asked: { body }, ...invalid, paths: ['$'] })),
    );
    await table.refuses('putPreferences', [{ it: 'nothing to set', asked: { body: {} }, ...invalid, paths: ['$'] }]);
    const plans = ['platinum', '__proto__', 'constructor', 'toString', 'FREE', 'free ', 'starter\u0000', '\ud800'];
    await table.refuses(
      'assignPlan',
      plans.map((planId) => ({ it: planId, asked: { body: { planId, reason: 'x' } }, ...invalid, paths: ['planId'] })),
    );
    const nowMs = await table.api.system.clock.now();
    const ends = [nowMs, nowMs - 1, nowMs - 400 * DAY, 0].map(iso).concat('0000-01-01T00:00:00Z');
    await table.refuses(
      'grantCredits',
      ends.map((expiresAt) => ({
        it: expiresAt,
        asked: { body: { credits: 5, reason: 'x', expiresAt } },
        ...invalid,
        paths: ['expiresAt'],
      })),
    );
  });
});

describe('tools and their fields', () => {
  test('a tool that is not in the catalog', async () => {
    const reserved = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const names = [...reserved, 'gpt', 'WEB-SEARCH', ' web-search', 'web-search\u0000', '工具', '🎬', '\ud800'];
    await table.refuses(
      'createEstimate',
      names.map((tool) => ({ it: tool, asked: { body: { tool, input: {} } }, ...invalid, paths: ['tool'] })),
    );
  });

  test('every field of every tool, wrong in every way, at its path', async () => {
    const rows = table.api.pricing.tools.flatMap((tool) =>
      wrongToolFields(tool, 'input').map(({ it, text, path }) => ({
        it: `${tool.id}: ${it}`,
        asked: { rawBody: `{"tool":"${tool.id}","input":${text}}` },
        ...invalid,
        paths: [path],
      })),
    );
    expect(rows.length).toBeGreaterThan(300);
    await table.refuses('createEstimate', rows);
  });

  test.each(['held', 'heldUnits'] as const)('usage of the run %s, wrong in every way, at its path', async (name) => {
    const run = table.scene[name];
    const tool = table.api.pricing.tools.find(({ id }) => id === run.tool);
    if (tool === undefined) throw new Error('the run has a tool');
    const rows = wrongToolFields(tool, 'usage').map(({ it, text, path }) => ({
      it,
      asked: { params: { runId: run.runId }, rawBody: `{"usage":${text}}` },
      ...invalid,
      paths: [path],
    }));
    await table.refuses('settleRun', rows);
  });
});

describe('where and how it is asked', () => {
  const byRun: readonly Operation[] = [getRun, settleRun, failRun, extendRun, refundRun];

  test.each(byRun)('$id: a run id that is none', async ({ id }) => {
    const { receipt: _, ...body } = table.goodOf(id).body ?? {};
    const rows = junkRunIds(table.scene.held.runId).map(({ id: runId, ...row }) => ({
      ...row,
      asked: { params: { runId }, ...(id !== 'getRun' && { body }) },
    }));
    await table.refuses(id, rows, true);
  });

  test('every operation on a run is among those tried', () => {
    const served = table.api.system.contract.operations.filter(({ path }) => path.includes('{runId}'));
    expect(served.map(({ operationId }) => operationId).toSorted()).toEqual(byRun.map(({ id }) => id).toSorted());
  });

  test('another account’s run is not found by a user', async () => {
    const asked = { params: { runId: table.scene.foreignRun.runId } };
    await table.refuses('getRun', [{ it: 'bob’s', asked, status: 404, code: 'not_found' }]);
  });

  test.each(operations.filter(({ path }) => path.includes('{id}')))(
    '$id: an account id that is none',
    async ({ id }) => {
      const rows = junkAccountIds.map(({ id: accountId, ...row }) => ({
        ...row,
        asked: { params: { id: accountId } },
      }));
      await table.refuses(id, rows, true);
    },
  );

  test('paths that lead astray, and methods there are none of, are the gateway’s to refuse', async () => {
    const { system } = table.api;
    const { runId } = table.scene.held;
    const { token } = table.scene.ann;
    const ways = ['/v1', '/v1/', '/V1/balance', '/v1//balance', '/v1/balance/', '/v1/balance%2f', '/v1/runs/'];
    const detours = ['/v1/runs/..%2f..%2fbalance', '/v1/runs/%2e%2e/balance', `/v1/runs/${runId}/../../balance`];
    for (const path of [...ways, ...detours, `/v1/runs/${runId}/settle/x`]) {
      const { status, body } = await system.raw('GET', path, { token });
      expect({ path, status, body }).toEqual({ path, status: 404, body: { message: 'Not Found' } });
    }
    for (const method of ['DELETE', 'PATCH', 'PUT', 'POST']) {
      const { status } = await system.raw(method, '/v1/balance', { token });
      expect([method, status]).toEqual([method, 404]);
    }
    for (const path of ['/v1/runs/%zz', '/v1/runs/%ff%fe', '/v1/runs/%']) {
      const { status, body } = await system.raw('GET', path, { token });
      expect({ path, status, body }).toEqual({ path, status: 400, body: { message: 'Bad Request' } });
    }
  });

  test('junk in the query of the history', async () => {
    const rows = junkQueries.map(({ name, value, beside }) => ({
      it: `${name}=${value.slice(0, 30)}`,
      asked: { query: { ...beside, [name]: value } },
      ...invalid,
      paths: [`query.${name}`],
    }));
    await table.refuses('listUsage', rows);
    const { token } = table.scene.ann;
    for (const twice of ['limit=1&limit=2', 'kind=run&kind=grant', 'format=csv&format=json']) {
      const { status } = await table.api.system.request('GET', `/v1/usage?${twice}`, { token });
      expect(status).toBe(400);
    }
  });

  test.each(operations.filter(({ id, method }) => method === 'GET' && id !== 'listUsage'))(
    '$id: a query it does not know changes nothing',
    async ({ id }) => {
      const { actor, operation, params = {} } = table.goodOf(id);
      const plain = await actor.send(operation, { params });
      for (const query of [
        { constructor: '1' },
        { accountId: 'bob' },
        { sub: 'bob' },
        { limit: '-1' },
        { ['__proto__']: 'x' },
      ]) {
        const junk = await actor.send(operation, { params, query });
        expect({ status: junk.status, body: junk.body }).toEqual({ status: plain.status, body: plain.body });
      }
    },
  );

  test('an Idempotency-Key that is missing, empty, overlong, or not printable', async () => {
    const needed = operations.filter(({ idempotencyKey }) => idempotencyKey !== undefined);
    expect(needed.map(({ id }) => id)).toEqual(['grantCredits', 'assignPlan']);
    const keys = [undefined, '', ' ', 'a b', 'a\tb', 'x'.repeat(256), 'clé', '\u00a0'];
    const rows = keys.map((key) => ({
      it: String(key),
      asked: { headers: key === undefined ? {} : { 'idempotency-key': key } },
      ...invalid,
      paths: ['headers.idempotency-key'],
    }));
    await table.refuses('grantCredits', rows);
    await table.refuses('assignPlan', rows.slice(1));
  });
});

test('every refusal of bad input that an operation documents was tried on it', () => {
  const { seen, contract } = table.api.system;
  const tried = (id: string, path: string) => [
    ...[`${id} 400 validation_failed`, `${id} 413 payload_too_large`, `${id} 413 gateway`],
    ...(path.includes('{') ? [`${id} 404 not_found`] : []),
  ];
  const wanted = contract.operations.flatMap(({ operationId, path }) => tried(operationId, path));
  expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
});

test('every good request is good: nothing above was refused for another reason', async () => {
  const order = ['failRun', 'extendRun', 'settleRun'];
  const requests = Object.values(table.good);
  for (const { operation, actor, ...asked } of requests.filter(({ operation: { id } }) => !order.includes(id))) {
    await actor.ok(operation, asked);
  }
  for (const id of order) {
    const { operation, actor, ...asked } = table.goodOf(id);
    await actor.ok(operation, asked);
  }
});
