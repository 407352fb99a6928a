import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventBus } from '../../lambdas/events/event-bus.ts';
import { publish } from '../../lambdas/events/publish.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { PublishedEvent } from '../../lib/http/contract/events/event-schemas.ts';
import { toolCodes } from '../../lib/store/table.ts';
import { streamOf } from '../stream.ts';
import { granted, World } from '../world.ts';
import { deliverAll } from './event-source-mapping.ts';
import { listeningBus } from './listening-bus.ts';

const tools = toolCodes(catalog);
const NOW = 1;

const publishTo = (bus: EventBus) => (records: readonly DynamoDBRecord[]) =>
  publish({ bus, tools, now: () => NOW }, records);
const deliver = (bus: EventBus, records: readonly DynamoDBRecord[], retryAttempts = 20) =>
  deliverAll(records, { batchSize: 100, retryAttempts, invoke: publishTo(bus) });

const idsOf = (events: readonly PublishedEvent[]) => new Set(events.map(({ detail }) => detail.id));

const story = async () => {
  const world = await World.open();
  await world.prefer('ann', { lowBalanceAt: 30 });
  const settled = await world.hold('ann', 12);
  granted(await world.settle(settled.runId, 5));
  const failed = await world.hold('ann', 3);
  granted(await world.fail(failed.runId));
  const expired = await world.hold('ann', 2, 60);
  world.nowMs += 60_000;
  granted(await world.grant('ann', 100));
  granted(await world.plan('ann', 'starter'));
  return { world, settled, failed, expired };
};

const poison = (sequence = 'poison'): DynamoDBRecord => ({
  dynamodb: { SequenceNumber: sequence, NewImage: { pk: { S: 'H#ann' }, sk: { S: 'x' } } },
});

// What cannot be read is told in the log.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('what has happened is told', () => {
  test('once each, with ids to dedupe on, in order', async () => {
    const { world } = await story();
    const { bus, heard } = listeningBus();
    await deliver(bus, await streamOf(world));
    expect(heard.map(({ type }) => type)).toEqual([
      'credits.granted',
      'run.held',
      'credits.low',
      'run.settled',
      'run.held',
      'run.failed',
      'run.held',
      'run.expired',
      'credits.granted',
      'credits.granted',
      'subscription.changed',
    ]);
    expect(idsOf(heard).size).toBe(heard.length);
  });

  test.each([1, 2, 7, 100])(
    'though the bus refuses each of them once, by batches of %i: nothing is lost',
    async (batchSize) => {
      const { world } = await story();
      const [whole, halting] = [listeningBus(), listeningBus(() => true)];
      const records = await streamOf(world);
      await deliver(whole.bus, records);
      const givenUp = await deliverAll(records, { batchSize, retryAttempts: 20, invoke: publishTo(halting.bus) });
      expect(givenUp).toEqual([]);
      expect(idsOf(halting.heard)).toEqual(idsOf(whole.heard));
    },
  );

  test('though the bus is out for a while', async () => {
    const { world } = await story();
    const { bus, heard } = listeningBus();
    let outFor = 30;
    const flaky: EventBus = {
      put: (events) => (outFor-- > 0 ? Promise.reject(new Error('out')) : bus.put(events)),
    };
    expect(await deliver(flaky, await streamOf(world), 100)).toEqual([]);
    const whole = listeningBus();
    await deliver(whole.bus, await streamOf(world));
    expect(idsOf(heard)).toEqual(idsOf(whole.heard));
  });
});

describe('what cannot be told loses nothing but itself', () => {
  const places = ['first', 'in the middle', 'last', 'between others of its kind'] as const;
  const withPoison = (records: readonly DynamoDBRecord[], where: (typeof places)[number]): DynamoDBRecord[] => {
    const half = Math.floor(records.length / 2);
    switch (where) {
      case 'first':
        return [poison(), ...records];
      case 'in the middle':
        return [...records.slice(0, half), poison(), ...records.slice(half)];
      case 'last':
        return [...records, poison()];
      case 'between others of its kind':
        return [
          poison('p1'),
          ...records.slice(0, half),
          poison('p2'),
          poison('p3'),
          ...records.slice(half),
          poison('p4'),
        ];
    }
  };

  test.each(places)('a record nobody can read, %s', async (where) => {
    const { world } = await story();
    const records = await streamOf(world);
    const [whole, other] = [listeningBus(), listeningBus()];
    await deliver(whole.bus, records);
    const givenUp = await deliver(other.bus, withPoison(records, where), 3);
    expect(givenUp.map(({ dynamodb }) => dynamodb?.NewImage?.['sk'])).toEqual(givenUp.map(() => ({ S: 'x' })));
    expect(givenUp).toHaveLength(where === 'between others of its kind' ? 4 : 1);
    expect(idsOf(other.heard)).toEqual(idsOf(whole.heard));
  });

  test('an event the bus never takes', async () => {
    const { world } = await story();
    const records = await streamOf(world);
    const [whole, other] = [listeningBus(), listeningBus(({ type }) => type === 'run.failed', 'always')];
    await deliver(whole.bus, records);
    expect(await deliver(other.bus, records, 3)).toHaveLength(1);
    const refused = whole.heard.filter(({ type }) => type === 'run.failed');
    expect(refused).toHaveLength(1);
    expect(idsOf([...other.heard, ...refused])).toEqual(idsOf(whole.heard));
  });

  test('the batch stops there, and what is before is told', async () => {
    const { world } = await story();
    const records = await streamOf(world);
    const { bus, heard } = listeningBus();
    const answer = await publishTo(bus)([...records.slice(0, 2), poison(), ...records.slice(2)]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
    expect(heard.length).toBeGreaterThan(0);
    await expect(publishTo(bus)([poison(), ...records])).rejects.toThrow('record 0');
  });
});

describe('credits.low', () => {
  test('is told once for each crossing, as of the hold that crossed', async () => {
    const world = await World.open();
    await world.prefer('ann', { lowBalanceAt: 20 });
    for (const credits of [15, 10, 5]) await world.hold('ann', credits);
    const last = await world.hold('ann', 10);
    granted(await world.fail(last.runId));
    granted(await world.grant('ann', 50));
    world.nowMs += 1_000;
    await world.hold('ann', 50);
    const { bus, heard } = listeningBus();
    await deliver(bus, await streamOf(world));
    const low = heard.filter(({ type }) => type === 'credits.low');
    expect(low).toMatchObject([
      { detail: { available: 15, lowBalanceAt: 20 } },
      { atMs: world.nowMs, detail: { available: 10, lowBalanceAt: 20 } },
    ]);
  });
});
