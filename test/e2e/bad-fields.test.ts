import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../lib/http/contract/operations.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import { floods, wrongFields } from './bad-bodies.ts';
import { wrongToolFields } from './bad-tool-fields.ts';
import { wrongWholes } from './bad-wholes.ts';
import { invalid, RefusalTable } from './refusal-table.ts';

let table: RefusalTable;
beforeAll(async () => {
  table = await RefusalTable.open();
});
afterAll(() => table.api.stop());

const schemaOf = (id: string): unknown => {
  const described = table.api.system.contract.operations.find(({ operationId }) => operationId === id);
  return described?.requestBody?.content['application/json']?.schema;
};
/** Whose fields are known and looked at: the webhook's are Stripe's (webhook-fields.test.ts). */
const withFields = operations.filter(({ id, method }) => method !== 'GET' && id !== stripeWebhook.id);
/** Further good bodies, with fields that the first cannot have. */
const OTHERS: Readonly<Record<string, (table: RefusalTable) => readonly Readonly<Record<string, unknown>>[]>> = {
  settleRun: ({ api }) => [{ usage: api.metered.exampleInput }],
  createCheckout: () => [{ planId: 'starter' }],
};
/** A quote is bounded as a whole too. */
const isTooLong = (id: string, it: string): boolean => id === 'requestQuote' && it.endsWith(' of 16387');

describe('bodies', () => {
  test.each(withFields)(
    '$id: each field of the wrong type, out of bounds, missing, unknown, reserved',
    async ({ id }) => {
      const { body = {} } = table.goodOf(id);
      const bodies = [body, ...(OTHERS[id]?.(table) ?? [])];
      const rows = bodies.flatMap((each) => wrongFields(each, schemaOf(id)));
      await table.refuses(
        id,
        rows.map(({ it, paths, ...asked }) => ({
          it,
          asked,
          ...invalid,
          paths: isTooLong(id, it) ? [...paths, '$'] : paths,
        })),
      );
    },
  );

  test.each(withFields)('$id: a flood of unknown keys is answered in few words', async ({ id }) => {
    const rows = floods(table.goodOf(id).body ?? {});
    await table.refuses(
      id,
      rows.map(({ it, ...asked }) => ({ it, asked, ...invalid })),
    );
  });

  test('what is right in each field and wrong as a whole', async () => {
    const wholes = wrongWholes(table.scene, await table.api.system.clock.now());
    for (const [id, rows] of Object.entries(wholes)) await table.refuses(id, rows);
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

test('every good request is good: nothing above was refused for another reason', async () => {
  const order = ['failRun', 'extendRun', 'settleRun', 'changePlan', 'cancelSubscription', 'resumeSubscription'];
  const others = Object.keys(table.good).filter((id) => !order.includes(id));
  for (const id of [...others, ...order]) {
    const { operation, actor, sealed, ...asked } = table.goodOf(id);
    await actor.ok(operation, { ...asked, headers: { ...asked.headers, ...sealed?.(JSON.stringify(asked.body)) } });
  }
});
