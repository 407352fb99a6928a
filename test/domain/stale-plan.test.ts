import { describe, expect, test } from 'vitest';
import { addGrant } from '../../lib/domain/give-back.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { at, CATALOG, runUuidAt } from './account-samples.ts';
import { Driver } from './driver.ts';

const NOON = at('2026-03-01T12:00:00Z');
const MIDNIGHT = at('2026-03-02T00:00:00Z');

/** 10 free credits, and promotional ones. */
const begin = (nowMs: number, promotional: number, expiresAtMs: number): Driver => {
  const driver = new Driver(CATALOG, nowMs);
  const grant = { kind: 'promotional', granted: promotional, expiresAtMs } as const;
  driver.change((account) => addGrant(account, grant, { atMs: nowMs, kind: 'grant', reason: 'test' }));
  return driver;
};

const quote = (driver: Driver, number: number, credits: number) =>
  driver.quote(runUuidAt(driver.nowMs, number), credits);

const drawnBy = (driver: Driver, number: number) =>
  driver.stored.holds
    .find((hold) => hold.runUuid.includes(`-7${String(number).padStart(3, '0')}-`))
    ?.parts.map(({ kind, credits }) => `${credits} ${kind}`);

describe('a plan that travelled in an estimate, placed when things have changed', () => {
  test('draws first on what a lapsed hold left behind meanwhile, with no sweep (R5, R7)', () => {
    const driver = begin(NOON, 20, NOON + 30 * DAY_MS);
    expect(driver.approve(quote(driver, 1, 10), MINUTE_MS, true)).toBe('held');
    const given = quote(driver, 2, 10);
    expect(given.plan?.draws.map((draw) => draw.credits)).toEqual([0, 10]);
    driver.nowMs = NOON + MINUTE_MS;
    expect(driver.approve(given, HOUR_MS, true)).toBe('held');
    expect(drawnBy(driver, 2)).toEqual(['10 free']);
  });

  test('draws first on what ends sooner since free credits live on another day (R5, R12)', () => {
    const driver = begin(MIDNIGHT - MINUTE_MS, 20, MIDNIGHT + 12 * HOUR_MS);
    const given = quote(driver, 1, 10);
    expect(given.plan?.draws).toMatchObject([{ kind: 'free', credits: 10 }]);
    driver.nowMs = MIDNIGHT;
    driver.touch();
    expect(driver.approve(given, HOUR_MS, true)).toBe('held');
    expect(drawnBy(driver, 1)).toEqual(['10 promotional']);
  });

  test('never puts the deadline bound beyond the deadline of a hold placed since (R7)', () => {
    const driver = begin(NOON, 20, NOON + 30 * DAY_MS);
    expect(driver.approve(quote(driver, 1, 1), 20 * SECOND_MS, true)).toBe('held');
    expect(driver.stored.holdsValidUntilMs).toBe(NOON + 10 * SECOND_MS);
    const given = quote(driver, 2, 1);
    expect(driver.approve(quote(driver, 3, 1), 15 * SECOND_MS, true)).toBe('held');
    driver.nowMs = NOON + 12 * SECOND_MS;
    expect(driver.approve(given, HOUR_MS, true)).toBe('held');
    const earliest = Math.min(...driver.stored.holds.map((hold) => hold.deadlineMs));
    expect(driver.stored.holdsValidUntilMs).toBeLessThanOrEqual(earliest);
    expect(driver.stored.holdsValidUntilMs).toBeGreaterThan(driver.nowMs);
  });
});
