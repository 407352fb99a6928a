import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { faultsOf } from './rules.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const sources = ['bin', 'lib', 'lambdas', 'local', 'client', 'examples', 'test', 'bench']
  .filter((top) => existsSync(join(ROOT, top)))
  .flatMap((top) => readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)))
  .filter((name) => /\.m?ts$/.test(name) && !/node_modules|schema\.d\.ts$/.test(name))
  .map((name) => name.split(sep).join('/'));

test('every file of the project is tidy, and its imports point one way', () => {
  const faults = sources.flatMap((file) =>
    faultsOf(file, readFileSync(join(ROOT, file), 'utf8')).map((fault) => `${file} ${fault}`),
  );
  expect(faults).toEqual([]);
  expect(sources.length).toBeGreaterThan(100);
});

describe('a file is found out', () => {
  const lines = (count: number) => 'x;\n'.repeat(count);
  const unfinished = ['// TO', 'DO: later'].join('');
  const mocked = ['vi.mo', "ck('./x.ts')"].join('');
  const forced = ['const x = y as ', 'any;'].join('');

  test.each([
    // file, text → its fault, or none
    ['lib/domain/a.ts', "import { b } from './b.ts';", null],
    ['lib/domain/a.ts', "import type { T } from '../store/table.ts';", 'imports lib/store/table.ts'],
    ['lib/domain/a.ts', "import * as z from 'zod/mini';", 'imports zod/mini'],
    ['lib/domain/a.ts', "import { join } from 'node:path';", 'imports node:path'],
    ['lib/domain/a.ts', 'const x = await y;', 'is not pure'],
    ['lib/domain/a.ts', '/** Pure: no await. */\nconst x = new Date(ms); // nor async', null],
    ['lib/domain/a.ts', 'const x = Date.now();', 'reads the clock: take `now` instead'],
    ['lib/store/a.ts', "import {\n  type Account,\n} from '../domain/account.ts';", null],
    ['lib/store/a.ts', "import { GetCommand } from '@aws-sdk/lib-dynamodb';", null],
    ['lib/store/a.ts', "export { x } from '../http/door.ts';", 'imports lib/http/door.ts'],
    ['lib/http/a.ts', "import { x } from '../store/table.ts';", 'imports lib/store/table.ts'],
    ['lib/http/a.ts', "import { GetCommand } from '@aws-sdk/lib-dynamodb';", 'imports @aws-sdk/lib-dynamodb'],
    ['lib/http/a.ts', 'const x = process.env;', 'reads the process: take it from `Runtime`'],
    ['lib/http/production-runtime.ts', 'const x = { env: process.env, now: Date.now };', null],
    ['lib/infra/a.ts', "import { Stack } from 'aws-cdk-lib';", null],
    ['lib/infra/a.ts', "import { operations } from '../http/contract/operations.ts';", null],
    ['lib/infra/a.ts', "import { door } from '../http/door.ts';", 'imports lib/http/door.ts'],
    ['lib/made-up/a.ts', '', 'lib/made-up has no row in the table of arrows'],
    ['lambdas/settle/a.ts', "import { x } from '../../lib/store/end-hold.ts';", null],
    ['lambdas/settle/a.ts', "import { deps } from '../dependencies.ts';", null],
    ['lambdas/settle/a.ts', "import { x } from '../account/run.ts';", 'imports lambdas/account/run.ts'],
    ['lambdas/settle/a.ts', "const x = await import('../../local/clock.ts');", 'imports local/clock.ts'],
    ['lambdas/settle/a.ts', "import { x } from '../../test/world.ts';", 'imports test/world.ts'],
    ['lambdas/settle/a.ts', "import { x } from 'aws-cdk-lib/aws-s3';", 'imports aws-cdk-lib/aws-s3'],
    ['lambdas/settle/a.ts', 'const x = new Date();', 'reads the clock: take `now` instead'],
    ['lambdas/settle/handler.ts', lines(25), null],
    ['lambdas/settle/handler.ts', lines(26), 'has 26 lines, of at most 25'],
    ['client/a.ts', "import { x } from '../lib/http/door.ts';", 'imports lib/http/door.ts'],
    ['local/a.ts', "import { x } from '../lib/store/table.ts';\nconst now = Date.now();", null],
    ['local/a.ts', lines(351), 'has 351 lines, of at most 350'],
    ['local/a.ts', unfinished, 'leaves work undone'],
    ['test/a.test.ts', mocked, 'patches a module: inject it instead'],
    ['bench/a.ts', forced, 'silences the compiler'],
    ['bench/a.ts', 'const x = [1] as const; // it has any', null],
  ])('%s: %j', (file, text, fault) => {
    expect(faultsOf(file, text)).toEqual(fault === null ? [] : [fault]);
  });
});
