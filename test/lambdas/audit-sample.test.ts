import { describe, expect, test } from 'vitest';
import { partsOfHour, sample } from '../../lambdas/schedulers/audit/sample.ts';
import { DAY_MS, HOUR_MS } from '../../lib/domain/time.ts';
import { hashed } from '../../lib/http/request-line.ts';
import { accountKey } from '../../lib/store/keys.ts';
import type { Counts } from '../../lib/telemetry/telemetry.ts';
import { story, withGrants } from './audit-tampering.ts';

describe('what is no drift', () => {
  test('a settle that crashed before its release, a midnight and a deadline nobody has written, a hold', async () => {
    const { audited, world } = await story();
    await audited.act('ann', { what: 'hold', credits: 9, seconds: 60 });
    await world.hold('ann', 4);
    await audited.act('ann', { what: 'hold', credits: 8, seconds: 3600 });
    await audited.act('ann', { what: 'crash', run: 0, credits: 3 });
    world.nowMs += 2 * DAY_MS;
    expect((await audited.audit('ann')).faults).toEqual([]);
    await world.hold('ann', 1);
    expect((await audited.audit('ann')).faults).toEqual([]);
  });

  test('an account that is written while it is read', { timeout: 30_000 }, async () => {
    const { audited, world } = await story();
    await world.plan('bob', 'pro');
    let writing = true;
    const writer = (async () => {
      while (writing) {
        const { runId } = await world.hold('bob', 1);
        await world.settle(runId, 0);
        world.nowMs += 1;
      }
    })();
    const seen = [];
    for (let at = 0; at < 15; at++) seen.push(await audited.audit('bob'));
    writing = false;
    await writer;
    expect(seen.flatMap(({ faults }) => faults)).toEqual([]);
    expect((await audited.audit('bob')).busy).toBe(false);
  });

  test('an account nobody has ever written', async () => {
    const { audited } = await story();
    expect(await audited.audit('carol')).toMatchObject({ faults: [], lines: 0 });
  });
});

describe('the sample', () => {
  test('of a week is every part of the table, each once, and the next week begins an hour with another', () => {
    const week = (from: number) => Array.from({ length: 7 * 24 }, (_, hour) => partsOfHour(from + hour * HOUR_MS));
    const start = 2_952 * 7 * DAY_MS;
    const parts = week(start).flat();
    const [{ of } = { of: 0 }] = parts;
    expect(new Set(parts.map(({ part }) => part))).toEqual(new Set(Array.from({ length: of }, (_, part) => part)));
    expect(parts).toHaveLength(of);
    expect(week(start + 7 * DAY_MS)[0]?.[0]).not.toEqual(week(start)[0]?.[0]);
  });

  test('of a week finds the one that drifted, says so with the account hashed, and counts', {
    timeout: 60_000,
  }, async () => {
    const { audited, change, world } = await story();
    await change(accountKey('ann'), (item) =>
      withGrants(item, (grant) => (grant.s === 500 ? { ...grant, r: grant.r + 7 } : grant)),
    );
    const errors: unknown[] = [];
    const counts: Counts[] = [];
    const telemetry = {
      info: () => undefined,
      warn: () => undefined,
      error: (message: string, fields: object) => void errors.push({ message, ...fields }),
      count: (each: Counts) => void counts.push(each),
    };
    const startMs = world.nowMs;
    for (let hour = 0; hour < 7 * 24; hour++) {
      const deps = { table: audited.table, now: () => startMs + hour * HOUR_MS, telemetry };
      expect(await sample(deps, { getRemainingTimeInMillis: () => 60_000 })).toMatchObject({ complete: true });
    }
    const sum = (name: 'LedgerChecked' | 'LedgerDrift') => counts.reduce((total, each) => total + (each[name] ?? 0), 0);
    expect({ checked: sum('LedgerChecked'), drift: sum('LedgerDrift') }).toEqual({ checked: 3, drift: 1 });
    expect(errors).toHaveLength(1);
    expect(errors).toContainEqual(expect.objectContaining({ message: 'ledger drift', account: hashed('ann') }));
    expect(JSON.stringify(errors)).not.toContain('"ann"');
  });

  test('stops in time, and says that it is cut short', async () => {
    const { audited, world } = await story();
    const warned: object[] = [];
    const telemetry = {
      info: () => undefined,
      error: () => undefined,
      count: () => undefined,
      warn: (message: string, fields: object) => void warned.push({ message, ...fields }),
    };
    const deps = { table: audited.table, now: () => world.nowMs, telemetry };
    expect(await sample(deps, { getRemainingTimeInMillis: () => 1_000 })).toMatchObject({
      complete: true,
      accounts: 0,
    });
    expect(warned).toMatchObject([{ message: 'ledger checked', cutShort: true }]);
  });
});
