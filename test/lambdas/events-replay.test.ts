import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { publish } from '../../lambdas/events/publish.ts';
import { type Asked, replay } from '../../lambdas/events/replay.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { PublishedEvent } from '../../lib/http/contract/events/event-schemas.ts';
import { keepQuote } from '../../lib/store/keep-quote.ts';
import { toolCodes } from '../../lib/store/table.ts';
import { streamOf } from '../stream.ts';
import { type AuditWorld, history, openAuditWorld, type Step } from './audit-world.ts';
import { deliverAll } from './event-source-mapping.ts';
import { listeningBus } from './listening-bus.ts';

const ALL: Asked = { accountId: null, fromMs: null, toMs: null, types: null, dryRun: false };

const toldBy = async (records: readonly DynamoDBRecord[], batchSize: number, seenMs: number) => {
  const { bus, heard } = listeningBus();
  const invoke = (batch: readonly DynamoDBRecord[]) =>
    publish({ bus, tools: toolCodes(catalog), now: () => seenMs }, batch);
  expect(await deliverAll(records, { batchSize, retryAttempts: 3, invoke })).toEqual([]);
  return heard;
};

const toldAgain = async ({ table }: AuditWorld, asked: Partial<Asked> = {}) => {
  const { bus, heard } = listeningBus();
  const unreadable: string[] = [];
  const counts = await replay(
    {
      table: { ...table, pause: async () => undefined },
      bus,
      perSecond: 1_000,
      unreadable: (pk) => void unreadable.push(pk),
    },
    { ...ALL, ...asked },
  );
  return { heard, counts, unreadable };
};

const byId = (events: readonly PublishedEvent[]) => new Map(events.map((event) => [event.detail.id, event]));

/** Only what keeps nothing but its last state cannot be told again. */
const canBeToldAgain = ({ type, detail }: PublishedEvent): boolean =>
  type !== 'credits.low' && !('subscription' in detail);

const lived = async (steps: readonly Step[], lowBalanceAt = 30): Promise<AuditWorld> => {
  const audited = await openAuditWorld();
  await audited.world.prefer('ann', { lowBalanceAt });
  for (const [at, { waitMs, deed }] of steps.entries()) {
    audited.world.nowMs += waitMs;
    await audited.act(at % 5 === 4 ? 'bob' : 'ann', deed);
  }
  return audited;
};

const HOLD = { what: 'hold', credits: 25, seconds: 3600 } as const;
const story: readonly Step[] = [
  { waitMs: 1, deed: { what: 'hold', credits: 25, seconds: 60 } },
  { waitMs: 120_000, deed: HOLD },
  { waitMs: 1, deed: { what: 'settle', run: 0, credits: 30 } },
  { waitMs: 1, deed: { what: 'refund', run: 0, credits: 0 } },
  { waitMs: 1, deed: HOLD },
  { waitMs: 1, deed: { what: 'pack' } },
  { waitMs: 1, deed: { what: 'hold', credits: 100, seconds: 60 } },
  { waitMs: 1, deed: { what: 'extend', run: 0, credits: 9 } },
  { waitMs: 1, deed: { what: 'fail', run: 0, credits: 0 } },
  { waitMs: 1, deed: { what: 'pack refund', pack: 0, amount: 100, fails: false } },
  { waitMs: 1, deed: { what: 'renewal', upgrade: false } },
  { waitMs: 200 * 86_400_000, deed: { what: 'hold', credits: 12, seconds: 60 } },
  { waitMs: 1, deed: { what: 'extend', run: 0, credits: 9 } },
];

const full = async (): Promise<AuditWorld> => {
  const audited = await lived(story);
  const { world, table, tell } = audited;
  await keepQuote(table, 'ann', { id: 'quote-1', atMs: world.nowMs, asked: { company: 'Example' } }, null);
  const failed = { id: 'in_9:1', subscriptionId: null, amount: 5, currency: 'usd', nextAttemptMs: null } as const;
  await tell({ fact: 'payment_failed', customerId: 'cus_ann', atMs: world.nowMs, ...failed });
  return audited;
};

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('a replay', () => {
  test('tells the very same events with the very same ids: what was lost is found again', async () => {
    const audited = await full();
    const told = await toldBy(await streamOf(audited.world), 100, audited.world.nowMs);
    const { heard, unreadable } = await toldAgain(audited);
    expect(unreadable).toEqual([]);
    expect(new Set(told.map(({ type }) => type)).size).toBeGreaterThanOrEqual(9);
    expect(byId(heard)).toEqual(byId(told.filter(canBeToldAgain)));
    expect(told.filter((event) => !canBeToldAgain(event)).length).toBeGreaterThan(0);
  });

  test('whatever happened, and whatever of it was lost', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.boolean()), async (steps, lost) => {
        const audited = await lived(steps);
        const told = await toldBy(await streamOf(audited.world), 7, audited.world.nowMs);
        const got = told.filter(() => lost.next().value === false);
        const { heard } = await toldAgain(audited);
        const union = byId([...got, ...heard]);
        for (const event of told.filter(canBeToldAgain)) expect(union.get(event.detail.id)).toEqual(event);
        expect(union.size).toBeLessThanOrEqual(byId(told).size);
      }),
      { numRuns: 12 },
    );
  });

  test('of one account, of some types, of a range, and dry', async () => {
    const audited = await full();
    await audited.act('bob', HOLD);
    const { heard: all } = await toldAgain(audited);
    const of = (keep: (event: PublishedEvent) => boolean) => byId(all.filter(keep));
    const ann = await toldAgain(audited, { accountId: 'ann' });
    expect(byId(ann.heard)).toEqual(of(({ detail }) => detail.accountId === 'ann'));
    const held = await toldAgain(audited, { types: new Set(['run.held']) });
    expect(byId(held.heard)).toEqual(of(({ type }) => type === 'run.held'));
    for (const accountId of [null, 'ann']) {
      for (const cut of new Set(all.map(({ atMs }) => atMs))) {
        const from = await toldAgain(audited, { accountId, fromMs: cut });
        const to = await toldAgain(audited, { accountId, toMs: cut });
        const mine = (event: PublishedEvent) => accountId === null || event.detail.accountId === accountId;
        expect(byId(from.heard)).toEqual(of((event) => mine(event) && event.atMs >= cut));
        expect(byId(to.heard)).toEqual(of((event) => mine(event) && event.atMs < cut));
      }
    }
    const dry = await toldAgain(audited, { dryRun: true });
    expect(dry.heard).toEqual([]);
    expect([...dry.counts.values()].reduce((sum, each) => sum + each, 0)).toBe(all.length);
  });

  test('goes on behind a row nobody can read, and puts again what the bus refuses at first', async () => {
    const audited = await full();
    const { heard: all } = await toldAgain(audited);
    const { bus, heard } = listeningBus(() => true);
    const { table } = audited;
    const deps = {
      table: { ...table, pause: async () => undefined },
      bus,
      perSecond: 1_000,
      unreadable: () => undefined,
    };
    await replay(deps, ALL);
    expect(byId(heard)).toEqual(byId(all));
    const never = listeningBus(() => true, 'always');
    await expect(replay({ ...deps, bus: never.bus }, ALL)).rejects.toThrow('the bus refuses');
  });
});

describe('the order to sort by', () => {
  test('puts one account’s events as they count, however they come', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const audited = await lived(steps);
        const told = await toldBy(await streamOf(audited.world), 100, audited.world.nowMs);
        expect(new Set(told.map(({ detail }) => `${detail.accountId} ${detail.order}`)).size).toBe(told.length);
        for (const accountId of ['ann', 'bob']) {
          const own = told.filter(({ detail }) => detail.accountId === accountId);
          const sorted = own.toSorted((a, b) => (a.detail.order < b.detail.order ? -1 : 1));
          const at = sorted.map(({ atMs }) => atMs);
          expect(at).toEqual(at.toSorted((a, b) => a - b));
          const place = new Map(sorted.map(({ detail }, index) => [detail.id, index]));
          for (const { type, detail } of own) {
            if (!('run' in detail) || type === 'run.held') continue;
            const held = place.get(`${detail.run.runId.slice(0, 36)}:held`);
            expect(held).toBeLessThan(place.get(detail.id) ?? -1);
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('credits.low', () => {
  /** Straight from the stored images, with none of our own readers: what is left over, and the notice. */
  const imageOf = ({ dynamodb }: DynamoDBRecord) => {
    const image = dynamodb?.NewImage;
    const grants = Object.values(image?.['g']?.M ?? {});
    return {
      account: image?.['pk']?.S ?? '',
      left: grants.reduce((sum, grant) => sum + Number(grant.M?.['r']?.N), 0),
      notice: image?.['w']?.N === undefined ? null : Number(image['w'].N),
    };
  };

  /** Holds that free credits can pay for. */
  const smaller = ({ waitMs, deed }: Step): Step => ({
    waitMs,
    deed: deed.what === 'hold' ? { ...deed, credits: 1 + (deed.credits % 40) } : deed,
  });

  test('is told exactly once for each crossing, by whatever crossed it and however often it is told', {
    timeout: 120_000,
  }, async () => {
    let crossings = 0;
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(5, 20, 40, 300), async (steps, notice) => {
        const { world } = await lived(steps.map(smaller), notice);
        const records = await streamOf(world);
        const expected = new Map<string, number>();
        const before = new Map<string, number>();
        for (const record of records) {
          const { account, left, ...image } = imageOf(record);
          if (!account.startsWith('A#')) continue;
          const was = before.get(account);
          before.set(account, left);
          if (was === undefined || image.notice === null || was <= image.notice || left > image.notice) continue;
          expected.set(account.slice(2), (expected.get(account.slice(2)) ?? 0) + 1);
          crossings++;
        }
        const told = await toldBy([...records, ...records.slice(records.length / 2)], 5, world.nowMs);
        const low = [...byId(told.filter(({ type }) => type === 'credits.low')).values()];
        const heard = new Map<string, number>();
        for (const { detail } of low) heard.set(detail.accountId, (heard.get(detail.accountId) ?? 0) + 1);
        expect(heard).toEqual(expected);
      }),
      { numRuns: 15, examples: [[[...story], 20]] },
    );
    // Those of the story at the least; chance alone may bring none.
    expect(crossings).toBeGreaterThan(0);
  });
});
