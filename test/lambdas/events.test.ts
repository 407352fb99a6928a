import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { EventBus } from '../../lambdas/events/event-bus.ts';
import { publish } from '../../lambdas/events/publish.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { CreditsEvent } from '../../lib/domain/credits-event.ts';
import { toolCodes } from '../../lib/store/table.ts';
import { streamOf } from '../stream.ts';
import { granted, World } from '../world.ts';

/** A bus that keeps what it is given, and refuses what it is told to, once. */
const listeningBus = (refuses: (event: CreditsEvent) => boolean = () => false) => {
  const heard: CreditsEvent[] = [];
  const refused = new Set<string>();
  const bus: EventBus = {
    put: async (events) => {
      const at = events.findIndex((event) => refuses(event) && !refused.has(event.id));
      const refusal = events[at];
      if (refusal !== undefined) refused.add(refusal.id);
      heard.push(...(at < 0 ? events : events.filter((_, index) => index !== at)));
      return at;
    },
  };
  return { bus, heard };
};

const tools = toolCodes(catalog);
const NOW = 1;

/** Takes a batch up again from where it stopped, as Lambda does. */
const deliver = async (bus: EventBus, records: readonly DynamoDBRecord[]): Promise<void> => {
  let from = 0;
  for (let tries = 0; tries < 20; tries++) {
    const { batchItemFailures } = await publish({ bus, tools, now: () => NOW }, records.slice(from));
    const [failed] = batchItemFailures;
    if (failed === undefined) return;
    from = records.findIndex((record) => record.dynamodb?.SequenceNumber === failed.itemIdentifier);
  }
  throw new Error('the batch never got through');
};

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
    expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
  });

  test('though the bus refuses each of them once: nothing is lost', async () => {
    const { world } = await story();
    const [whole, halting] = [listeningBus(), listeningBus(() => true)];
    const records = await streamOf(world);
    await deliver(whole.bus, records);
    await deliver(halting.bus, records);
    const ids = (events: readonly CreditsEvent[]) => new Set(events.map(({ id }) => id));
    expect(ids(halting.heard)).toEqual(ids(whole.heard));
  });

  test('up to a record nobody can read, at which the batch stops', async () => {
    const { world } = await story();
    const records = await streamOf(world);
    const poison: DynamoDBRecord = {
      dynamodb: { SequenceNumber: 'poison', NewImage: { pk: { S: 'H#ann' }, sk: { S: 'x' } } },
    };
    const { bus, heard } = listeningBus();
    const answer = await publish({ bus, tools, now: () => NOW }, [...records.slice(0, 2), poison, ...records.slice(2)]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
    expect(heard.length).toBeGreaterThan(0);
  });

  test('credits.low once for each crossing', async () => {
    const world = await World.open();
    await world.prefer('ann', { lowBalanceAt: 20 });
    for (const credits of [15, 10, 5]) await world.hold('ann', credits);
    const last = await world.hold('ann', 10);
    granted(await world.fail(last.runId));
    granted(await world.grant('ann', 50));
    await world.hold('ann', 50);
    const { bus, heard } = listeningBus();
    await deliver(bus, await streamOf(world));
    const low = heard.filter(({ type }) => type === 'credits.low');
    expect(low).toMatchObject([
      { available: 15, lowBalanceAt: 20 },
      { available: 10, lowBalanceAt: 20 },
    ]);
  });
});
