import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { catalog } from '../../lib/catalog/catalog.ts';
import { readStripePrices } from '../../lib/infra/stripe-prices.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { everything, itemsOf, NOTHING, openAccount, sold, URL_OF_STAGE } from './setup-account.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const open = async () => {
  const { shop } = await openAccount();
  const dir = mkdtempSync(join(tmpdir(), 'stripe-setup-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const run = (args: readonly string[], apiKey = LOCAL_STRIPE_KEY) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = {
        ...process.env,
        STRIPE_SECRET_KEY: apiKey,
        STRIPE_ENDPOINT: `http://127.0.0.1:${shop.standIn.port}`,
      };
      execFile(
        process.execPath,
        ['--import', 'tsx', 'bin/stripe-setup.ts', ...args],
        { cwd: root, env },
        (fault, out, err) =>
          resolve({ code: typeof fault?.code === 'number' ? fault.code : fault === null ? 0 : -1, out, err }),
      );
    });
  return { shop, run, file: join(dir, 'webhook-secret.json') };
};

test('puts the signing secret into a file that only its owner reads, in the form of the stack’s secret, and prints it nowhere', async () => {
  const { run, file } = await open();
  const args = ['--webhook-url', URL_OF_STAGE, '--secret-file', file];
  const first = await run(args);
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ secrets: ['whsec_local'] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(first.out).not.toContain('whsec_local');
  expect(first.out).toContain(`--secret-string file://${file}`);
  expect(first.out).toMatch(/write: Customers, Checkout Sessions/);
  const second = await run(args);
  expect(second).toMatchObject({ code: 0, err: '' });
  expect(second.out).toContain(NOTHING);
  const text = /"stripePrices": (\{[\s\S]*?\] \})/.exec(second.out)?.[1] ?? '';
  expect(itemsOf(readStripePrices(text, 'dev', catalog))).toEqual(sold);
}, 60_000);

test('called wrongly, it says why and does nothing', async () => {
  const { shop, run } = await open();
  const before = await everything(shop);
  const calls: readonly (readonly [args: readonly string[], apiKey: string, why: RegExp])[] = [
    [['--webhook-url', URL_OF_STAGE], LOCAL_STRIPE_KEY, /say --secret-file FILE/],
    [['--webhook-url', 'http://api.example.com/v1/webhooks/stripe'], LOCAL_STRIPE_KEY, /must be https/],
    [['--webhook-url', 'https://api.example.com/'], LOCAL_STRIPE_KEY, /must be https/],
    [[], 'sk_live_local', /say --live if that is meant/],
    [['--live'], LOCAL_STRIPE_KEY, /the key is a test one/],
    [[], 'pk_test_local', /STRIPE_SECRET_KEY must be/],
    [['--sure'], LOCAL_STRIPE_KEY, /Unknown option '--sure'/],
  ];
  await Promise.all(
    calls.map(async ([args, apiKey, why]) => {
      const { code, err } = await run(args, apiKey);
      expect(code).toBe(1);
      expect(err).toMatch(why);
    }),
  );
  expect(await everything(shop)).toEqual(before);
}, 60_000);
