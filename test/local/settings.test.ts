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
      story: false,
    });
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
