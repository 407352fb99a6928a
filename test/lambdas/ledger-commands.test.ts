import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { accountKey } from '../../lib/store/keys.ts';
import { granted, World } from '../world.ts';

const ROOT = join(import.meta.dirname, '../..');
const failure = z.object({ code: z.int(), stdout: z.string(), stderr: z.string() });

/** One of the commands of `bin`, as npm runs it, on a table of the tests' engine. */
const command = async (script: string, world: World, ...args: string[]) => {
  const env = {
    ...process.env,
    TABLE_NAME: world.deps.table.name,
    DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  try {
    const said = await promisify(execFile)(process.execPath, [tsx, join(ROOT, 'bin', script), ...args], { env });
    return { code: 0, ...said };
  } catch (fault) {
    return failure.parse(fault);
  }
};

const story = async () => {
  const world = await World.open();
  for (const account of ['ann', 'bob']) granted(await world.settle((await world.hold(account, 10)).runId, 4));
  return world;
};

describe('the ledger check as a command', { timeout: 60_000 }, () => {
  test('ends with 0 where all adds up, with 1 where it does not, and names the account and the line', async () => {
    const world = await story();
    const fine = await command('audit.ts', world);
    expect(fine).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 accounts, 4 lines, 0 purchases checked; 0 with drift'),
    });
    const { table } = world.deps;
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: accountKey('ann'),
        UpdateExpression: 'SET g.#one.r = g.#one.r + :more',
        ExpressionAttributeNames: { '#one': '1' },
        ExpressionAttributeValues: { ':more': 3 },
      }),
    );
    for (const args of [[], ['--account', 'ann']]) {
      const drifted = await command('audit.ts', world, ...args);
      expect(drifted.code).toBe(1);
      expect(drifted.stdout).toMatch(/ann\n {2}[\da-f-]{36} {2}grant 1: the account has 39, its history tells 36\n/);
    }
    expect(await command('audit.ts', world, '--account', 'bob')).toMatchObject({ code: 0 });
  });
});

describe('a replay as a command', { timeout: 60_000 }, () => {
  test('counts what it would tell, and says what it needs', async () => {
    const world = await story();
    const range = ['--from', '2026-03-01T00:00:00Z', '--to', '2026-03-02T00:00:00Z'];
    const dry = await command('replay-events.ts', world, ...range, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout.match(/\d+ {2}[a-z._]+/g)).toEqual(['2  credits.granted', '2  run.held', '2  run.settled']);
    expect(await command('replay-events.ts', world)).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('needs --account, or --from and --to'),
    });
    expect(await command('replay-events.ts', world, ...range)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('EVENT_BUS_NAME'),
    });
  });
});
