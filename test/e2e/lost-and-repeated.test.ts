import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMonthsMs } from '../../lib/domain/time.ts';
import { changePlan } from '../../lib/http/contract/billing.ts';
import type { Actor } from './actor.ts';
import { DAY, HOUR } from './api.ts';
import { Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.api.stop());

describe('whatever Stripe sends, and whatever gets lost (R17, R21)', () => {
  const story = async (owner: Actor): Promise<void> => {
    const { paymentIntentId } = await shop.buy(owner, { packId: 'pack-2000' });
    const { customer } = await shop.buy(owner, { planId: 'starter' });
    await shop.refund(paymentIntentId, 900);
    const dispute = await shop.dispute((await shop.buy(owner, { packId: 'pack-500' })).paymentIntentId);
    const boughtMs = await shop.api.system.clock.now();
    await shop.api.at(boughtMs + 5 * DAY);
    await shop.close(dispute, 'won');
    await owner.ok(changePlan, { body: { planId: 'pro' } });
    await shop.api.at(addMonthsMs(boughtMs, 1) + 2 * HOUR);
    await shop.nextPayment(customer, 'fails');
    await shop.api.at(addMonthsMs(boughtMs, 2) + 5 * HOUR);
    await shop.nextPayment(customer, 'succeeds');
    await shop.api.at(addMonthsMs(boughtMs, 2) + 4 * DAY);
    await owner.ok(changePlan, { body: { planId: 'starter' } });
    await shop.api.at(addMonthsMs(boughtMs, 3) + 2 * HOUR);
  };

  const state = async (owner: Actor) => {
    const { available, grants, plan } = await shop.api.balance(owner);
    return {
      available,
      plan,
      grants: grants.map(({ id: _, ...grant }) => grant),
      status: (await shop.billing(owner)).status,
    };
  };

  test('redelivered shuffled three times at once, all of it changes nothing', async () => {
    await shop.api.nextNoon();
    const owner = await shop.api.user();
    await story(owner);
    const before = { ...(await state(owner)), history: await shop.api.history(owner) };
    expect(before).toMatchObject({ plan: 'starter', status: 'active' });
    const statuses = await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect({ ...(await state(owner)), history: await shop.api.history(owner) }).toEqual(before);
    await shop.isSound(owner);
  });

  test('with webhooks off one reconciliation ends in the same balances', async () => {
    const balances: unknown[] = [];
    for (const deliver of [true, false]) {
      await shop.api.nextNoon();
      const owner = await shop.api.user();
      await shop.webhooks(deliver);
      await story(owner);
      await shop.reconcile();
      await shop.webhooks(true);
      const { available, plan, grants, status } = await state(owner);
      balances.push({ available, plan, status, grants: grants.map(({ expiresAt: _, ...grant }) => grant) });
      await shop.isSound(owner);
    }
    expect(balances[1]).toEqual(balances[0]);
  });
});
