import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../temporary.ts';
import { buy, checkout, DAY_MS, HOUR_MS, idOf, MINUTE_MS, openShop, START_MS, subscribe } from './shop.ts';

test('what was answered is there after a kill: a second stand-in on the same data goes on where the first stood', async () => {
  const dataDir = temporaryDirectory();
  const first = await openShop(dataDir);
  const { subscription, customerId } = await subscribe(first);
  const pack = await buy(first, 'price_pack');
  await first.control('POST', '/disputes', { paymentIntentId: idOf(pack.payment_intent) });
  await first.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
  // Not closed: nothing is written on the way out.
  const second = await openShop(dataDir);
  expect(await second.stripe.subscriptions.retrieve(subscription.id)).toEqual(
    await first.stripe.subscriptions.retrieve(subscription.id),
  );
  expect((await second.stripe.events.list({ limit: 100 })).data).toEqual(
    (await first.stripe.events.list({ limit: 100 })).data,
  );
  expect((await second.stripe.disputes.list()).data).toHaveLength(1);
  await second.moveTo(START_MS + 28 * DAY_MS + HOUR_MS);
  expect(second.types()).toContain('invoice.payment_failed');
  expect(readdirSync(dataDir)).toEqual(['stripe.jsonl']);
});

test('an event that could not be delivered before a kill is delivered after it', async () => {
  const dataDir = temporaryDirectory();
  const first = await openShop(dataDir);
  const session = await checkout(first, 'price_pack');
  await first.news();
  first.receiver.status = () => 500;
  await first.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
  const second = await openShop(dataDir);
  await second.moveTo(START_MS + MINUTE_MS);
  expect(second.types()).toEqual(first.types());
  expect(second.bodies).toEqual(first.bodies.slice(-4));
});

test('an idempotency key is remembered across a restart', async () => {
  const dataDir = temporaryDirectory();
  const first = await openShop(dataDir);
  const { id } = await first.stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' });
  await first.close();
  const second = await openShop(dataDir);
  expect(await second.stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' })).toMatchObject({ id });
  expect((await second.stripe.customers.list()).data).toHaveLength(1);
});

test('what is refused leaves no trace in what is kept', async () => {
  const dataDir = temporaryDirectory();
  const first = await openShop(dataDir);
  const { subscription, customerId, itemId } = await subscribe(first);
  await first.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
  await expect(
    first.stripe.subscriptions.update(
      subscription.id,
      {
        items: [{ id: itemId, price: 'price_pro' }],
        proration_behavior: 'always_invoice',
        payment_behavior: 'error_if_incomplete',
        metadata: { a: 'b' },
      },
      { idempotencyKey: 'upgrade' },
    ),
  ).rejects.toMatchObject({ statusCode: 402 });
  const second = await openShop(dataDir);
  expect(await second.stripe.subscriptions.retrieve(subscription.id)).toEqual(subscription);
  expect((await second.stripe.invoices.list()).data).toHaveLength(1);
});

test('a transaction that a kill has cut short was never there', async () => {
  const dataDir = temporaryDirectory();
  const first = await openShop(dataDir);
  const { id } = await first.stripe.customers.create({ name: 'whole' }, { idempotencyKey: 'k' });
  await first.close();
  appendFileSync(join(dataDir, 'stripe.jsonl'), '{"customers":[{"id":"cus_cut","na');
  const second = await openShop(dataDir);
  await second.stripe.customers.create({ name: 'after' }, { idempotencyKey: 'k2' });
  const third = await openShop(dataDir);
  expect((await third.stripe.customers.list()).data).toMatchObject([{ name: 'after' }, { id, name: 'whole' }]);
});

test('data that cannot be read is not guessed at', async () => {
  const dataDir = temporaryDirectory();
  writeFileSync(join(dataDir, 'stripe.jsonl'), '{"customers":[{"id":"cus_1"}]}\n');
  await expect(openShop(dataDir)).rejects.toThrow(/stripe\.jsonl .* Delete it/);
});
