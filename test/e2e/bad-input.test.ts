import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import { shapelessBodies } from './bad-bodies.ts';
import { invalid, RefusalTable } from './refusal-table.ts';

const MEGABYTE = 1024 * 1024;

let table: RefusalTable;
beforeAll(async () => {
  table = await RefusalTable.open();
});
afterAll(() => table.api.stop());

/** The SDK verifies a body as text: what is none, or begins with a mark, has no signature that fits. */
const isSigned = (id: string, it: string): boolean =>
  id !== stripeWebhook.id || !['a byte order mark', 'bytes that are no text', 'UTF-16'].includes(it);
const isOptional = ({ body }: Operation): boolean => body.safeParse(undefined).success;

test('every operation the system serves has a good request to spoil', () => {
  const served = table.api.system.contract.operations.map(({ operationId }) => operationId);
  expect(Object.keys(table.good).toSorted()).toEqual(served.toSorted());
});

test.each(operations)('$id: what is no JSON object, and what is too large', async (operation) => {
  const { id, method } = operation;
  const shapeless = shapelessBodies({ ...table.goodOf(id).body, filler: 'x' });
  // A GET has no fields that could be wrong; what comes along with it must be JSON all the same.
  const tried = method === 'GET' ? shapeless.filter(({ it }) => it === 'half of it' || it === 'NaN') : shapeless;
  const rows = isOptional(operation) ? tried.filter(({ it }) => it !== 'nothing') : tried;
  const oversized = (bytes: number) => ({ rawBody: `{"filler":"${'x'.repeat(bytes)}"}` });
  const tooLarge = { status: 413, code: 'payload_too_large' } as const;
  // Events are larger than anything we would be asked.
  const [largest, deep] = id === stripeWebhook.id ? [MEGABYTE, invalid] : [64 * 1024, tooLarge];
  await table.refuses(
    id,
    [
      ...rows.map(({ it, paths, ...asked }) => ({ it, asked, ...invalid, ...(isSigned(id, it) && { paths }) })),
      { it: 'just too large', asked: oversized(largest), ...tooLarge },
      { it: 'arrays in arrays, 100,000 deep', asked: { rawBody: '['.repeat(100_000) }, ...deep },
      { it: 'over 10 MB', asked: oversized(10 * MEGABYTE), status: 413 },
    ],
    true,
  );
});

test('every refusal of bad input that an operation documents was tried on it', () => {
  const { seen, contract } = table.api.system;
  const codes = ['400 validation_failed', '413 payload_too_large', '413 gateway'];
  const wanted = contract.operations.flatMap(({ operationId }) => codes.map((code) => `${operationId} ${code}`));
  expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
});
