import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { REFUSAL_CODES } from '../../client/refusal.ts';
import { projectRoot } from '../../local/settings.ts';
import { readContract } from '../e2e/contract-document.ts';

const folder = mkdtempSync(join(tmpdir(), 'credits-client-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readOpenapi = async (): Promise<string> => readFile(join(projectRoot, 'openapi.json'), 'utf8');

/** What the generator says of `client/schema.d.ts`: its exit code, nothing written. */
const isFresh = (openapi: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = ['exec', '--workspace', 'client', '--', 'openapi-typescript', openapi];
    const how = ['--output', 'schema.d.ts', '--empty-objects-unknown', '--check'];
    execFile('npm', [...asked, ...how], { cwd: projectRoot }, (fault) => resolve(fault === null));
  });

describe('the types of the client', () => {
  test('are those of openapi.json: `npm run client` writes them anew', async () => {
    expect(await isFresh(join(projectRoot, 'openapi.json'))).toBe(true);
  });

  test('are found to be old when a field of the contract has another name', async () => {
    const changed = join(folder, 'openapi.json');
    writeFileSync(changed, (await readOpenapi()).replaceAll('typicalCredits', 'usualCredits'));
    expect(await isFresh(changed)).toBe(false);
  });
});

test('the client knows every code of the contract, and no other', async () => {
  const { operations } = readContract(JSON.parse(await readOpenapi()));
  const refusals = operations.flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, { description }]) => (Number(status) < 400 ? [] : [description])),
  );
  const codes = refusals.flatMap((description) => description.split(', ').map((code) => code.replaceAll('`', '')));
  expect([...new Set(codes)].toSorted()).toEqual([...REFUSAL_CODES].toSorted());
});

test('a POST whose Idempotency-Key may be left out is one of two', async () => {
  const { operations } = readContract(JSON.parse(await readOpenapi()));
  const open = operations.filter(({ parameters }) =>
    parameters.some(({ name, required }) => name === 'Idempotency-Key' && !required),
  );
  // The plan gets one from the client, so that its own repeats are known; a quote is known by what it asks for.
  expect(open.map(({ operationId }) => operationId).toSorted()).toEqual(['assignPlan', 'requestQuote']);
});
