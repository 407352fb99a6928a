import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun } from '../../lib/http/contract/account.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { refundRun } from '../../lib/http/contract/support.ts';
import { junkAccountIds, junkQueries, junkRunIds } from './bad-places.ts';
import { invalid, RefusalTable } from './refusal-table.ts';

let table: RefusalTable;
beforeAll(async () => {
  table = await RefusalTable.open();
});
afterAll(() => table.api.stop());

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
    expect(needed.map(({ id }) => id)).toEqual(['requestQuote', 'grantCredits', 'assignPlan']);
    const keys = [undefined, '', ' ', 'a b', 'a\tb', 'x'.repeat(256), 'clé', '\u00a0'];
    const rows = keys.map((key) => ({
      it: String(key),
      asked: { headers: key === undefined ? {} : { 'idempotency-key': key } },
      ...invalid,
      paths: ['headers.idempotency-key'],
    }));
    await table.refuses('grantCredits', rows);
    await table.refuses('assignPlan', rows.slice(1));
    await table.refuses('requestQuote', rows.slice(1));
  });
});

test('every operation with a place in its path was asked for one that is not there', () => {
  const { seen, contract } = table.api.system;
  const placed = contract.operations.filter(({ path }) => path.includes('{'));
  const wanted = placed.map(({ operationId }) => `${operationId} 404 not_found`);
  expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
});
