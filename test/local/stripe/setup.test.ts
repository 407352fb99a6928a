import { describe, expect, test } from 'vitest';
import { key, openShop } from './shop.ts';

describe('what a setup script makes', () => {
  test('a product with a price is found again by its lookup key', async () => {
    const { stripe } = await openShop();
    const product = await stripe.products.create({ id: 'credits_pro', name: 'Pro', metadata: { plan: 'pro' } }, key());
    const price = await stripe.prices.create(
      {
        product: product.id,
        currency: 'usd',
        unit_amount: 4900,
        recurring: { interval: 'month' },
        lookup_key: 'pro',
        metadata: { plan: 'pro' },
      },
      key(),
    );
    expect((await stripe.prices.list({ lookup_keys: ['pro', 'other'], expand: ['data.product'] })).data).toMatchObject([
      { id: price.id, type: 'recurring', product: { id: 'credits_pro' } },
    ]);
    expect((await stripe.products.list({ ids: ['credits_pro'] })).data).toMatchObject([{ metadata: { plan: 'pro' } }]);
    expect(await stripe.products.update(product.id, { name: 'Pro 2', default_price: price.id }, key())).toMatchObject({
      name: 'Pro 2',
      default_price: price.id,
    });
    expect(await stripe.prices.update(price.id, { active: false, nickname: 'old' }, key())).toMatchObject({
      active: false,
      nickname: 'old',
    });
    expect((await stripe.prices.list({ product: product.id, active: true })).data).toEqual([]);
  });

  test('a lookup key belongs to one price, and moves only when asked', async () => {
    const { stripe } = await openShop();
    const create = (more: object) =>
      stripe.prices.create(
        { product: 'prod_price_pro', currency: 'usd', unit_amount: 5, lookup_key: 'k', ...more },
        key(),
      );
    const first = await create({});
    await expect(create({})).rejects.toThrow(/already uses that lookup key/);
    const second = await create({ transfer_lookup_key: true });
    expect((await stripe.prices.list({ lookup_keys: ['k'] })).data).toMatchObject([{ id: second.id }]);
    expect(await stripe.prices.retrieve(first.id)).toMatchObject({ lookup_key: null });
  });

  test('a product is made once under its id', async () => {
    const { stripe } = await openShop();
    await stripe.products.create({ id: 'p', name: 'P' }, key());
    await expect(stripe.products.create({ id: 'p', name: 'P' }, key())).rejects.toMatchObject({
      code: 'resource_already_exists',
    });
  });

  test('a webhook endpoint shows its secret once', async () => {
    const { stripe } = await openShop();
    const made = await stripe.webhookEndpoints.create(
      {
        url: 'https://api.example.com/v1/webhooks/stripe',
        enabled_events: ['invoice.paid'],
        api_version: '2026-10-28.endive',
      },
      key(),
    );
    expect(made.secret).toBe('whsec_local');
    const [found] = (await stripe.webhookEndpoints.list()).data;
    expect(found).toMatchObject({ id: made.id, api_version: '2026-10-28.endive', status: 'enabled' });
    expect(found).not.toHaveProperty('secret');
    await stripe.webhookEndpoints.update(
      made.id,
      { enabled_events: ['invoice.paid', 'charge.refunded'], disabled: true },
      key(),
    );
    expect(await stripe.webhookEndpoints.retrieve(made.id)).toMatchObject({
      enabled_events: ['invoice.paid', 'charge.refunded'],
      status: 'disabled',
    });
    expect(await stripe.webhookEndpoints.del(made.id)).toMatchObject({ deleted: true });
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
  });

  test('a portal configuration is kept and changed, and one is there by default', async () => {
    const { stripe } = await openShop();
    const made = await stripe.billingPortal.configurations.create(
      {
        name: 'credits',
        features: {
          invoice_history: { enabled: true },
          payment_method_update: { enabled: true },
          customer_update: { enabled: true, allowed_updates: ['email'] },
          subscription_cancel: { enabled: false },
          subscription_update: { enabled: false },
        },
      },
      key(),
    );
    expect(made).toMatchObject({ is_default: false, features: { customer_update: { allowed_updates: ['email'] } } });
    const changed = await stripe.billingPortal.configurations.update(
      made.id,
      { features: { customer_update: { enabled: false } }, metadata: { v: '2' } },
      key(),
    );
    expect(changed).toMatchObject({
      metadata: { v: '2' },
      features: { customer_update: { enabled: false }, invoice_history: { enabled: true } },
    });
    expect((await stripe.billingPortal.configurations.list({ is_default: true })).data).toHaveLength(1);
    expect(await stripe.billingPortal.configurations.retrieve(made.id)).toEqual(changed);
    await expect(
      stripe.billingPortal.configurations.update(
        made.id,
        { features: { subscription_cancel: { enabled: true } } },
        key(),
      ),
    ).rejects.toMatchObject({ param: 'features[subscription_cancel][enabled]' });
  });
});
