import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { balanceBar } from '../../local/bar.ts';
import { projectRoot, readSettings } from '../../local/settings.ts';
import { StartupProblem } from '../../local/startup-problem.ts';

describe('settings', () => {
  test('are what the README says where nothing is set, or set empty', () => {
    const expected = {
      port: 3000,
      dynamodbEndpoint: undefined,
      dataDir: join(projectRoot, '.local'),
      tableName: 'credits',
      stripe: undefined,
      story: true,
    };
    expect(readSettings({})).toEqual(expected);
    expect(readSettings({ PORT: '', DYNAMODB_ENDPOINT: '', CREDITS_DATA_DIR: '', CREDITS_STORY: '' })).toEqual(
      expected,
    );
  });

  test('are taken from the environment', () => {
    const env = {
      PORT: '0',
      DYNAMODB_ENDPOINT: 'http://localhost:8000',
      CREDITS_DATA_DIR: '/data',
      CREDITS_TABLE: 'test-1',
      CREDITS_STORY: 'off',
    };
    expect(readSettings(env)).toEqual({
      port: 0,
      dynamodbEndpoint: 'http://localhost:8000',
      dataDir: '/data',
      tableName: 'test-1',
      stripe: undefined,
      story: false,
    });
  });

  const PRICES = '[{"item":"starter","price":"price_1","amount":1500,"currency":"usd"}]';
  const REAL = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1', STRIPE_PRICES: PRICES };

  test.each(['sk_test_1', 'rk_test_1'])('go to Stripe’s test mode with the key %s', (key) => {
    expect(readSettings({ ...REAL, STRIPE_SECRET_KEY: key }).stripe).toEqual({
      apiKey: key,
      webhookSecret: 'whsec_1',
      prices: PRICES,
    });
  });

  test('stay with the stand-in without a key, whatever else is set', () => {
    expect(readSettings({ ...REAL, STRIPE_SECRET_KEY: '' }).stripe).toBeUndefined();
  });

  test.each([
    {
      it: 'a live key',
      env: { ...REAL, STRIPE_SECRET_KEY: 'sk_live_1' },
      says: /^STRIPE_SECRET_KEY .*no real money moves/,
    },
    { it: 'a live restricted key', env: { ...REAL, STRIPE_SECRET_KEY: 'rk_live_1' }, says: /no real money moves/ },
    {
      it: 'no webhook secret',
      env: { ...REAL, STRIPE_WEBHOOK_SECRET: '' },
      says: /STRIPE_WEBHOOK_SECRET is needed too: .*stripe listen/,
    },
    { it: 'no prices', env: { ...REAL, STRIPE_PRICES: undefined }, says: /STRIPE_PRICES is needed too: a JSON list/ },
    {
      it: 'prices that are no list',
      env: { ...REAL, STRIPE_PRICES: '{}' },
      says: /^STRIPE_PRICES is "\{\}"; it must be/,
    },
    { it: 'prices that are no JSON', env: { ...REAL, STRIPE_PRICES: '[' }, says: /^STRIPE_PRICES is "\["/ },
  ])('with $it are refused, and no key is shown', ({ env, says }) => {
    expect(() => readSettings(env)).toThrow(says);
    expect(() => readSettings(env)).not.toThrow(/_live_|whsec_1|sk_test_1/);
  });

  test.each([
    { name: 'PORT', value: 'http' },
    { name: 'PORT', value: '65536' },
    { name: 'PORT', value: '-1' },
    { name: 'DYNAMODB_ENDPOINT', value: 'localhost:8000' },
    { name: 'CREDITS_TABLE', value: 'a b' },
    { name: 'CREDITS_STORY', value: 'no' },
  ])('$name=$value is refused by name', ({ name, value }) => {
    expect(() => readSettings({ [name]: value })).toThrow(StartupProblem);
    expect(() => readSettings({ [name]: value })).toThrow(`${name} is "${value}"; it must be `);
  });
});

test.each([
  { it: 'all free', balance: { total: 40, available: 40, held: 0 }, bar: '░░░░░░░░░░' },
  { it: 'half held', balance: { total: 40, available: 20, held: 20 }, bar: '▒▒▒▒▒░░░░░' },
  { it: 'a quarter spent', balance: { total: 40, available: 30, held: 0 }, bar: '███░░░░░░░' },
  { it: 'all spent', balance: { total: 40, available: 0, held: 0 }, bar: '██████████' },
  { it: 'hardly anything held of all spent', balance: { total: 1000, available: 0, held: 1 }, bar: '█████████▒' },
  { it: 'nothing at all', balance: { total: 0, available: 0, held: 0 }, bar: '██████████' },
])('the balance bar, $it: $bar', ({ balance, bar }) => {
  expect(balanceBar(balance, 10)).toBe(bar);
});
