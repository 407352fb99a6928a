import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isFlat, slopeOf } from '../../bench/soak/memory.ts';
import { repeated } from '../../bench/soak/repeated.ts';
import { readSettings } from '../../bench/soak/settings.ts';
import { soak } from '../../bench/soak/soak.ts';
import { Tally } from '../../bench/soak/tally.ts';
import type { Reply } from '../e2e/harness.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'credits-soak-test-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('a few seconds of mixed load end with no wrong balance and nothing that must not happen', async () => {
  const said: string[] = [];
  const settings = { minutes: 0.1, agents: 8, accounts: 4, seed: 7, pauseMs: 100 };
  const isSound = await soak(settings, dataDir, (text) => said.push(text));
  expect(said.join('\n')).toMatch(/0 wrong balances on 4 accounts with [1-9]\d* lines; 0 answers of 5xx/);
  expect(said.filter((line) => /^(BREACH|WRONG)/.test(line))).toEqual([]);
  expect(isSound).toBe(true);
});

describe('what must not happen is found', () => {
  const reply = (status: number, code?: string): Reply => {
    const body = code === undefined ? { message: 'x' } : { code };
    return { status, headers: new Headers(), text: JSON.stringify(body), body };
  };

  test.each([
    [reply(200), 0],
    [reply(402, 'insufficient_credits'), 0],
    [reply(409, 'run_already_settled'), 0],
    [reply(400, 'validation_failed'), 1],
    [reply(404, 'not_found'), 1],
    [reply(429), 1],
    [reply(503, 'unavailable'), 1],
    [reply(500), 1],
  ])('an answer of %j', (answer, breaches) => {
    const tally = new Tally();
    tally.note('POST /v1/runs', answer, 1);
    expect(tally.breachCount).toBe(breaches);
    expect(tally.fiveHundreds).toBe(answer.status >= 500 ? 1 : 0);
  });

  test.each([
    { it: 'one after the other', chances: [0, 0.9] },
    { it: 'both at once', chances: [0, 0.1] },
  ])('two answers to one request, $it', async ({ chances }) => {
    for (const answers of [
      ['a', 'a'],
      ['a', 'b'],
    ]) {
      const tally = new Tally();
      const [dice, left] = [[...chances], [...answers]];
      const chance = () => dice.shift() ?? 0.5;
      await repeated({ chance, tally }, async () => ({ data: left.shift(), response: new Response() }));
      expect(tally.breachCount).toBe(new Set(answers).size - 1);
    }
  });

  test.each([
    { it: 'level', values: (at: number) => 400 + (at % 7), flat: true },
    { it: 'saw-toothed', values: (at: number) => 400 + (at % 20) * 10, flat: true },
    { it: 'growing', values: (at: number) => 400 + 4 * at, flat: false },
  ])('memory that is $it', ({ values, flat }) => {
    const samples = Array.from({ length: 90 }, (_, at) => values(at));
    expect(isFlat(samples)).toBe(flat);
    expect(isFlat(samples.slice(0, 59))).toBe(null);
  });

  test('how fast memory grows is a line through all samples', () => {
    expect(slopeOf([1, 2, 3, 4].map((minutes) => [minutes, 100 + 5 * minutes] as const))).toBeCloseTo(5);
    expect(slopeOf([[1, 100]])).toBe(0);
  });
});

test.each([
  [[], { minutes: 10, agents: 50, accounts: 20, seed: 1, pauseMs: 5000 }],
  [['--minutes', '0.5', '--pause-ms', '0'], { minutes: 0.5, agents: 50, accounts: 20, seed: 1, pauseMs: 0 }],
])('%j is understood', (args, settings) => {
  expect(readSettings(args)).toEqual(settings);
});

test.each([[['--minutes', 'ten']], [['--minutes', '1000']], [['--agents', '1.5']], [['--accounts', '0']]])(
  '%j is refused',
  (args) => {
    expect(() => readSettings(args)).toThrow(args[0]);
  },
);
