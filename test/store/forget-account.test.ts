import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { grant } from '../../lambdas/support/grant.ts';
import { refund } from '../../lambdas/support/refund.ts';
import { drift, replay } from '../../lib/domain/entry.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { forgetAccount } from '../../lib/store/forget-account.ts';
import { readHistory } from '../../lib/store/history.ts';
import { customerKey } from '../../lib/store/keys.ts';
import { FORGOTTEN, findPersonalData } from '../../lib/store/personal-data.ts';
import { openTable, type Table } from '../../lib/store/table.ts';
import { testClient } from '../fresh-table.ts';
import { type BillingWorld, openBilling, text } from '../lambdas/billing-world.ts';
import { AGENT, granted, SUPPORT, user, World } from '../world.ts';

const ANN = 'ann';
/** What Ann, support and an agent wrote of her; none of it may be anywhere afterwards. */
const WORDS = [
  'Ann Example',
  'ann@example.com',
  'lost her job',
  'lives in Ghent',
  'asked for a wedding',
  'spoke on the phone',
];

const nobodysCustomer = async (customerId: string): Promise<void> => {
  throw new Error(`nobody bought anything, and ${customerId} was to be deleted`);
};

/** Everything that is stored under an account's keys. */
const storedOf = async ({ client, name }: Table, accountId: string): Promise<readonly unknown[]> => {
  const partitions = ['A', 'H', 'I', 'B'].map((part) => `${part}#${accountId}`);
  const items: unknown[] = [];
  for (const pk of partitions) {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      }),
    );
    items.push(...(Items ?? []));
  }
  return items;
};
const textOf = async (table: Table): Promise<string> => JSON.stringify(await storedOf(table, ANN));

/** The history without its words. */
const amountsOf = async (table: Table, accountId: string) => {
  const { lines } = await readHistory(table, accountId, {
    before: null,
    kind: null,
    fromMs: null,
    toMs: null,
    limit: 1000,
  });
  return lines.map((line) => {
    if (line.line === 'entry') {
      const { reason: _, note: __, ...rest } = line.entry;
      return { place: line.place, ...rest };
    }
    const { reason: _, refund: back, ...rest } = line.record;
    return { place: line.place, ...rest, refund: back === null ? null : { ...back, note: null } };
  });
};

/** An account with a line of every kind that a person's words can be in. */
const livedIn = async (): Promise<World> => {
  const world = await World.open();
  const support = { params: { id: ANN }, query: {}, caller: SUPPORT };
  const body = { credits: 50, reason: 'Ann Example lost her job', note: 'lives in Ghent' };
  granted(await grant(world.deps, { ...support, body, idempotencyKey: 'ticket-1' }));
  await world.prefer(ANN, { autoApproveUpTo: 30, lowBalanceAt: 5 });
  const failed = await world.hold(ANN, 10);
  granted(await world.fail(failed.runId, 'asked for a wedding, which the model refused'));
  const settled = await world.hold(ANN, 20);
  granted(await world.settle(settled.runId, 12));
  const why = { reason: 'goodwill', note: 'spoke on the phone' } as const;
  granted(
    await refund(world.deps, {
      params: { runId: settled.runId },
      query: {},
      body: why,
      caller: SUPPORT,
      idempotencyKey: null,
    }),
  );
  granted(await world.settle((await world.hold(ANN, 8)).runId, 8));
  return world;
};

describe('an account that is forgotten', () => {
  test('has nobody’s words in it any more, and every amount as before; the ledger adds up', async () => {
    const world = await livedIn();
    const { table } = world.deps;
    const before = await amountsOf(table, ANN);
    const grants = (await world.account(ANN)).grants;
    expect(await world.faults(ANN)).toEqual([]);

    const found = await forgetAccount(table, ANN, world.nowMs, nobodysCustomer);
    expect(found).toMatchObject({ customerId: null, quotes: [] });

    const stored = await textOf(table);
    for (const words of WORDS) expect(stored).not.toContain(words);
    expect(await amountsOf(table, ANN)).toEqual(before);
    expect((await world.account(ANN)).grants).toEqual(grants);
    expect(await world.faults(ANN)).toEqual([]);
  });

  test('keeps who of support did what, and a refund’s reason, which is one of a list', async () => {
    const world = await livedIn();
    await forgetAccount(world.deps.table, ANN, world.nowMs, nobodysCustomer);
    const { entries, records } = await world.history(ANN);
    expect(entries.filter(({ actor }) => actor !== undefined)).toMatchObject([
      { kind: 'grant', actor: SUPPORT.sub, reason: FORGOTTEN },
      { kind: 'refund', actor: SUPPORT.sub, reason: 'goodwill' },
    ]);
    expect(records.flatMap(({ refund: back }) => (back === null ? [] : [back]))).toMatchObject([
      { reason: 'goodwill', note: null, actor: SUPPORT.sub, credits: 12 },
    ]);
    expect(records.map(({ outcome, reason }) => [outcome, reason])).toContainEqual(['failed', FORGOTTEN]);
  });

  test('approves nothing by itself any more', async () => {
    const world = await livedIn();
    await forgetAccount(world.deps.table, ANN, world.nowMs, nobodysCustomer);
    const estimateId = await world.quote(ANN, 5, AGENT);
    expect(await world.approve(ANN, estimateId, 3600, AGENT)).toMatchObject({ refused: 'approval_required' });
    expect(await world.approve(ANN, estimateId, 3600, user(ANN))).toMatchObject({ held: 5 });
  });

  test('is found to have nothing left to forget, and a second time changes nothing', async () => {
    const world = await livedIn();
    const { table } = world.deps;
    await forgetAccount(table, ANN, world.nowMs, nobodysCustomer);
    const stored = await storedOf(table, ANN);
    expect(await findPersonalData(table, ANN, world.nowMs)).toMatchObject({
      customerId: null,
      quotes: [],
      wordings: [],
    });
    expect(await forgetAccount(table, ANN, world.nowMs, nobodysCustomer)).toMatchObject({ wordings: [] });
    expect(await storedOf(table, ANN)).toEqual(stored);
  });

  test('is gone through to the end by the next call, wherever the one before stopped', async () => {
    const isWrite = (command: string) => /^(Put|Update|Delete|TransactWrite)/.test(command);
    /** The table through a process that is killed before its write number `last`. */
    const dying = (world: World, last: number) => {
      const client = testClient();
      const done = { writes: 0 };
      client.middlewareStack.add(
        (next, { commandName = '' }) =>
          async (args) => {
            if (isWrite(commandName) && done.writes++ >= last) throw new Error('killed');
            return next(args);
          },
        { step: 'initialize', name: 'die' },
      );
      return { done, table: openTable(client, world.deps.table.name, world.deps.catalog) };
    };
    const whole = await livedIn();
    const { done, table } = dying(whole, Number.POSITIVE_INFINITY);
    await forgetAccount(table, ANN, whole.nowMs, nobodysCustomer);
    expect(done.writes).toBe(6);
    for (let last = 0; last < done.writes; last++) {
      const world = await livedIn();
      await expect(forgetAccount(dying(world, last).table, ANN, world.nowMs, nobodysCustomer)).rejects.toThrow(
        'killed',
      );
      await forgetAccount(world.deps.table, ANN, world.nowMs, nobodysCustomer);
      const stored = await textOf(world.deps.table);
      expect(WORDS.filter((words) => stored.includes(words))).toEqual([]);
      expect(await world.faults(ANN)).toEqual([]);
    }
  });

  test('leaves everybody else alone', async () => {
    const world = await livedIn();
    const body = { credits: 50, reason: 'Bob lost his job', note: 'lives in Ghent' };
    granted(
      await grant(world.deps, { params: { id: 'ann2' }, query: {}, caller: SUPPORT, body, idempotencyKey: 'ticket-2' }),
    );
    const before = await storedOf(world.deps.table, 'ann2');
    await forgetAccount(world.deps.table, ANN, world.nowMs, nobodysCustomer);
    expect(await storedOf(world.deps.table, 'ann2')).toEqual(before);
  });
});

describe('an account is not forgotten', () => {
  test('while a run of its is held; when it has ended or lapsed, it is', async () => {
    const world = await livedIn();
    const { table } = world.deps;
    await world.hold(ANN, 5);
    const before = await storedOf(table, ANN);
    expect(await forgetAccount(table, ANN, world.nowMs, nobodysCustomer)).toBe('runs_held');
    expect(await storedOf(table, ANN)).toEqual(before);
    world.nowMs += 3_600_000;
    expect(await forgetAccount(table, ANN, world.nowMs, nobodysCustomer)).toMatchObject({ accountId: ANN });
    expect(await world.faults(ANN)).toEqual([]);
  });

  test('where nothing of it is stored: a slip in its id is told', async () => {
    const world = await livedIn();
    expect(await forgetAccount(world.deps.table, 'anne', world.nowMs, nobodysCustomer)).toBe('unknown_account');
    expect(await storedOf(world.deps.table, 'anne')).toEqual([]);
  });
});

describe('with payments', () => {
  const deletions = (world: BillingWorld) => {
    const deleted: string[] = [];
    const forget = () =>
      forgetAccount(world.table, ANN, world.clock.nowMs, async (customerId) => void deleted.push(customerId));
    return { deleted, forget };
  };
  const faults = async ({ table, clock }: BillingWorld): Promise<readonly string[]> => {
    const view = await viewAccount(table, ANN, clock.nowMs);
    const { lines } = await readHistory(table, ANN, {
      before: null,
      kind: null,
      fromMs: null,
      toMs: null,
      limit: 1000,
    });
    const entries = lines.flatMap((line) => (line.line === 'entry' ? [line.entry] : []));
    return drift(view.account, replay([...entries, ...view.entries], view.lapsed));
  };

  test('a quote and the request for it are deleted, the customer at Stripe too, and the link to it is cut', async () => {
    const world = await openBilling();
    const { deleted, forget } = deletions(world);
    const asked = { company: 'Example', contact: 'ann@example.com', message: 'Ann Example asks' };
    await world.call('quote', { body: asked, headers: { 'idempotency-key': 'q-1' } });
    await world.buy({ packId: 'pack-500' });
    const { customerId } = await world.billing();
    expect(await forget()).toMatchObject({ customerId });
    expect(deleted).toEqual([customerId]);
    const stored = await textOf(world.table);
    for (const words of ['ann@example.com', 'Ann Example', 'q-1', String(customerId)])
      expect(stored).not.toContain(words);
    expect((await world.account()).grants.some(({ kind, remaining }) => kind === 'pack' && remaining === 500)).toBe(
      true,
    );
    expect(await faults(world)).toEqual([]);
  });

  test('what was paid is still taken back when its money goes back later', async () => {
    const world = await openBilling();
    const { forget } = deletions(world);
    const sessionId = await world.buy({ packId: 'pack-500' });
    await forget();
    const { payment_intent } = await world.stripe.checkout.sessions.retrieve(sessionId);
    await world.control('POST', '/refunds', { paymentIntentId: payment_intent });
    expect((await world.account()).grants.find(({ kind }) => kind === 'pack')).toMatchObject({ remaining: 0 });
    expect(await faults(world)).toEqual([]);
  });

  test('whoever comes back buys as a customer of their own again', async () => {
    const world = await openBilling();
    const { forget } = deletions(world);
    await world.buy({ packId: 'pack-500' });
    const { customerId } = await world.billing();
    await forget();
    const row = await world.table.client.send(
      new GetCommand({ TableName: world.table.name, Key: customerKey(String(customerId)) }),
    );
    expect(row.Item).toMatchObject({ accountId: ANN });
    // Stripe remembers for a day what made the first.
    await world.moveTo(world.clock.nowMs + 2 * 86_400_000);
    await world.buy({ packId: 'pack-500' });
    expect((await world.billing()).customerId).not.toBe(customerId);
    expect(
      (await world.account()).grants.filter(({ kind, remaining }) => kind === 'pack' && remaining === 500),
    ).toHaveLength(2);
  });

  test('not while a subscription lives, cancelled or not, nor while a page can be paid', async () => {
    const world = await openBilling();
    const { deleted, forget } = deletions(world);
    const opened = await world.call('checkout', { body: { planId: 'starter' } });
    expect(await forget()).toBe('checkout_open');
    await world.pay(text(opened, 'sessionId'));
    expect(await forget()).toBe('subscription_live');
    await world.call('cancel');
    expect(await forget()).toBe('subscription_live');
    expect(deleted).toEqual([]);
    await world.moveTo(world.clock.nowMs + 40 * 86_400_000);
    expect(await forget()).toMatchObject({ accountId: ANN });
    expect(deleted).toHaveLength(1);
    expect(await faults(world)).toEqual([]);
  });

  test('where Stripe does not delete, nothing is cut: the next call finds the customer again', async () => {
    const world = await openBilling();
    await world.buy({ packId: 'pack-500' });
    const { customerId } = await world.billing();
    const down = async () => {
      throw new Error('Stripe is down');
    };
    await expect(forgetAccount(world.table, ANN, world.clock.nowMs, down)).rejects.toThrow('Stripe is down');
    expect(await world.billing()).toMatchObject({ customerId });
  });
});
