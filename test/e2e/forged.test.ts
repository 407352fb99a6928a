import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun, listUsage } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import { getAccount } from '../../lib/http/contract/support.ts';
import type { Asked } from './actor.ts';
import { alteredTokens } from './altered-token.ts';
import { iso } from './api.ts';
import { invalid, RefusalTable } from './refusal-table.ts';

let table: RefusalTable;
beforeAll(async () => {
  table = await RefusalTable.open();
});
afterAll(() => table.api.stop());

/** What somebody would write into a token, if they could. */
const GAIN = { credits: 1, accountId: 'bob', plan: null, tool: 'web-search', priceVersion: '0', ruleVersion: 1 };

type Texts = readonly (readonly [it: string, text: string])[];

const refusesAll = async (id: string, path: string, texts: Texts, asked: (text: string) => Asked): Promise<void> => {
  expect(texts.length).toBeGreaterThan(90);
  await table.refuses(
    id,
    texts.map(([it, text]) => ({ it, asked: asked(text), ...invalid, paths: [path] })),
  );
};

const cursorOf = async (query: Record<string, string | number> = {}, owner = table.scene.ann): Promise<string> => {
  const { nextCursor } = await owner.ok(listUsage, { query: { limit: 1, ...query } });
  if (nextCursor === null) throw new Error('the history has more than one line');
  return nextCursor;
};

describe('what is signed cannot be altered (R3)', () => {
  test('an estimate', async () => {
    const { scene } = table;
    const kinds: Texts = [
      ['a receipt', scene.held.receipt],
      ['a cursor', await cursorOf()],
      ['a JWT', scene.ann.token],
      ['bob’s', scene.foreignEstimateId],
    ];
    const altered = alteredTokens(scene.estimateId, scene.foreignEstimateId, GAIN);
    await refusesAll('createRun', 'estimateId', [...altered, ...kinds], (estimateId) => ({ body: { estimateId } }));
  });

  test('a forged, an altered and a foreign estimate get one answer, which says no more than that', async () => {
    const { ann, estimateId, foreignEstimateId } = table.scene;
    const ids = [foreignEstimateId, 'forged', `${estimateId}x`, estimateId.replace(/^[^.]+/, 'other'), 'a b', 'ü', ''];
    const answers = await Promise.all(ids.map((id) => ann.send(createRun, { body: { estimateId: id } })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    await table.isUnchanged();
  });

  test.each(['settleRun', 'failRun'])('a receipt: %s', async (id) => {
    const { scene } = table;
    const run = id === 'settleRun' ? scene.held : scene.heldUnits;
    const kinds: Texts = [
      ['an estimate', scene.estimateId],
      ['a cursor', await cursorOf()],
      ['another run’s', scene.settled.receipt],
      ['another account’s', scene.foreignRun.receipt],
    ];
    const altered = alteredTokens(run.receipt, scene.foreignRun.receipt, { ...GAIN, hold: {} });
    const body = id === 'settleRun' ? { credits: 1 } : { reason: 'x' };
    await refusesAll(id, 'receipt', [...altered, ...kinds], (receipt) => ({ body: { ...body, receipt } }));
  });

  test('a cursor: altered, another account’s, of other filters', async () => {
    const bobs = await cursorOf({}, table.scene.bob);
    const runs = await cursorOf({ kind: 'run' });
    const kinds: Texts = [
      ['bob’s', bobs],
      ['of runs', runs],
      ['since 1970', await cursorOf({ from: iso(0) })],
      ['until 9000', await cursorOf({ to: iso(Date.UTC(9000, 0)) })],
      ['an estimate', table.scene.estimateId],
    ];
    const altered = alteredTokens(await cursorOf(), bobs, { ...GAIN, before: '~', filter: '' });
    await refusesAll('listUsage', 'query.cursor', [...altered, ...kinds], (cursor) => ({ query: { cursor } }));
    const elsewhere = ['grant', 'refund'].map((kind) => ({ it: kind, asked: { query: { kind, cursor: runs } } }));
    await table.refuses(
      'listUsage',
      elsewhere.map((row) => ({ ...row, ...invalid, paths: ['query.cursor'] })),
    );
  });
});

test('accounts may be named like anything printable, and each is its own', async () => {
  const { api } = table;
  const reserved = ['__proto__', 'constructor', 'toString', 'A#ann', 'H#ann', '#', ':now', "'--", '"', '\\', '`'];
  for (const name of [...reserved, '%2F', '../ann', 'ann/', '?', 'x'.repeat(255)]) {
    const owner = await api.user(name);
    const { estimateId } = await api.quote(owner, 5, api.agent);
    const { runId } = await owner.ok(createRun, { body: { estimateId } });
    await api.agent.ok(settleRun, { params: { runId }, body: { credits: 3 } });
    expect(await owner.ok(getRun, { params: { runId } })).toMatchObject({ accountId: name, charged: 3 });
    expect(await api.balance(owner)).toMatchObject({ available: api.free.dailyFreeCredits - 3 });
    // The gateway decodes a path before it splits it: these names cannot stand in one.
    if (/[/?%]/.test(name)) continue;
    expect(await api.support.ok(getAccount, { params: { id: name } })).toMatchObject({ accountId: name });
  }
  await table.isUnchanged();
});
