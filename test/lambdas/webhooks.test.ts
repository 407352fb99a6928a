import { describe, expect, test } from 'vitest';
import { checkout, DAY_MS, HOUR_MS, idOf, START_MS } from '../local/stripe/shop.ts';
import { renewLong } from '../stripe/long-invoice.ts';
import { openWebhook } from './webhooks-shop.ts';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1';
const SIGNATURE = { code: 'validation_failed', errors: [{ path: 'stripe-signature' }] };

const change = (body: string, alter: (event: Record<string, unknown>) => object): string =>
  JSON.stringify(alter(JSON.parse(body)));

describe('a delivery that is signed', () => {
  test('is acted on, and again changes nothing (R17)', async () => {
    const { pay, deliver, packs, log } = await openWebhook();
    const { body } = await pay('ann');
    for (const outcome of ['applied', 'known', 'known']) {
      const answer = await deliver(body);
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
      expect(answer.body).toEqual({ received: true });
      expect(log.splice(0).map((line) => JSON.parse(line))).toMatchObject([
        {
          level: 'INFO',
          message: 'webhook received',
          id: JSON.parse(body).id,
          type: 'checkout.session.completed',
          outcome: [outcome],
          lagSeconds: 0,
        },
      ]);
    }
    expect(await packs('ann')).toEqual([500]);
  });

  test('is read as the bytes that were signed, encoded by the gateway or not', async () => {
    const { pay, deliver, packs } = await openWebhook();
    const { body } = await pay('ann');
    const accented = change(body, (event) => ({ ...event, request: { id: 'Bücher — 本' } }));
    expect(await deliver(accented)).toMatchObject({ status: 200 });
    expect(await deliver(accented, { encoded: true })).toMatchObject({ status: 200 });
    expect(await packs('ann')).toEqual([500]);
  });

  test('fifty times at once grants once: one payment, two grants', async () => {
    const { pay, deliver, packs } = await openWebhook();
    const { body } = await pay('ann');
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(body)));
    // Where the engine is too slow for all of them the rest are told to come again, as Stripe does.
    const late = answers.filter(({ status }) => status !== 200);
    expect(late.map(({ status }) => status)).toEqual(late.map(() => 503));
    for (const _ of late) expect(await deliver(body)).toMatchObject({ status: 200 });
    expect(await packs('ann')).toEqual([500]);
  });

  test.each([
    ['of a type never heard of', { type: 'customer.turned_blue' }],
    ['of a type never heard of, with nothing in it', { type: 'x', data: undefined, created: undefined }],
    ['of a type of no interest', { type: 'customer.updated' }],
  ])('%s is received, and nothing comes of it', async (_, different) => {
    const { pay, deliver, packs, log } = await openWebhook();
    const { body } = await pay('ann');
    expect(await deliver(change(body, (event) => ({ ...event, ...different })))).toMatchObject({ status: 200 });
    expect(await packs('ann')).toEqual([]);
    expect(log).toEqual([expect.stringContaining('"outcome":[]')]);
  });

  test('of a customer nobody knows is received, and ignored', async () => {
    const { pay, deliver, log } = await openWebhook();
    const { body } = await pay('ann');
    expect(await deliver(body.replaceAll(/cus_\w+/g, 'cus_unknown'))).toMatchObject({ status: 200 });
    expect(log).toEqual([expect.stringContaining('"outcome":["ignored"]')]);
  });

  test('of an amount that was not offered grants nothing, and the log calls for somebody', async () => {
    const { pay, deliver, packs, log } = await openWebhook();
    const { body } = await pay('ann', 400);
    expect(await deliver(body)).toMatchObject({ status: 200 });
    expect(await packs('ann')).toEqual([]);
    expect(log.map((line) => JSON.parse(line))).toMatchObject([{ level: 'ERROR', outcome: ['mismatch'] }]);
  });

  test('says how late it is', async () => {
    const { shop, pay, deliver, log } = await openWebhook();
    const { body } = await pay('ann');
    await shop.moveTo(START_MS + 7_250_999);
    await deliver(body);
    expect(log).toEqual([expect.stringContaining('"lagSeconds":7250')]);
  });
});

describe('a delivery that is not', () => {
  test.each<
    [it: string, header: (sign: Awaited<ReturnType<typeof openWebhook>>['sign'], body: string) => string | undefined]
  >([
    ['without a signature', () => undefined],
    ['with an empty one', () => ''],
    ['signed with another secret', (sign, body) => sign(body, 'whsec_other')],
    ['signed for another body', (sign, body) => sign(body.replace('500', '501'))],
    ['signed 301 seconds ago', (sign, body) => sign(body, undefined, START_MS - 301_000)],
    ['signed 301 seconds from now', (sign, body) => sign(body, undefined, START_MS + 301_000)],
  ])('%s is 400, and leaves nothing but one line', async (_, header) => {
    const { pay, deliver, sign, packs, log } = await openWebhook();
    const { body } = await pay('ann');
    const answer = await deliver(body, { header: header(sign, body) });
    expect(answer).toMatchObject({ status: 400, body: SIGNATURE });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(log.map((line) => JSON.parse(line))).toMatchObject([{ level: 'WARN', why: 'not_signed' }]);
    expect(await packs('ann')).toEqual([]);
  });

  test('altered on its way is 400', async () => {
    const { pay, deliver, sign, packs } = await openWebhook();
    const { body } = await pay('ann');
    const header = sign(body);
    for (const other of [body.replaceAll('order-ann', 'order-bob'), `${body} `, JSON.stringify(JSON.parse(body))]) {
      expect(await deliver(other, { header })).toMatchObject({ status: 400, body: SIGNATURE });
    }
    expect(await packs('ann')).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '{"id":"evt_1"}', 'id=evt_1'])('an event but signed is 400: %j', async (body) => {
    const { deliver, log } = await openWebhook();
    expect(await deliver(body)).toMatchObject({ status: 400, body: { errors: [{ path: '$' }] } });
    expect(log.map((line) => JSON.parse(line))).toMatchObject([{ level: 'WARN', why: 'no_event' }]);
  });

  test('as this API version has it is 400 and an error, so that it is sent again and somebody looks', async () => {
    const { pay, deliver, log } = await openWebhook();
    const { body } = await pay('ann');
    const odd = change(body, (event) => ({ ...event, data: { object: { id: 'cs_secret_thing' } } }));
    const answer = await deliver(odd);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(JSON.stringify(answer.body)).toContain('session.mode');
    expect(log.map((line) => JSON.parse(line))).toMatchObject([{ level: 'ERROR', why: 'unknown_shape' }]);
    expect(log.join()).not.toContain('cs_secret_thing');
  });

  test('small enough is 413, and one of a megabyte is not', async () => {
    const { deliver } = await openWebhook();
    const event = JSON.stringify({ id: 'evt_1', type: 'x', padding: '' });
    const largest = event.replace('""', `"${'x'.repeat(1024 * 1024 - event.length)}"`);
    expect(await deliver(largest)).toMatchObject({ status: 200 });
    expect(await deliver(`${largest} `)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    expect(await deliver(`${largest} `, { encoded: true })).toMatchObject({ status: 413 });
  });

  test('for this route is 404', async () => {
    const { deliver } = await openWebhook();
    expect(await deliver('{}', { routeKey: 'POST /v1/webhooks/other' })).toMatchObject({ status: 404 });
  });
});

test('a rotated secret is accepted without a deployment, the one before it too', async () => {
  const { shop, pay, deliver, sign, packs, secrets } = await openWebhook();
  const { body } = await pay('ann');
  expect(await deliver(body, { header: sign(body, 'whsec_next') })).toMatchObject({ status: 400 });
  secrets['signing'] = JSON.stringify({ secrets: ['whsec_next', 'whsec_local'] });
  await shop.moveTo(START_MS + 60_000);
  expect(await deliver(body, { header: sign(body, 'whsec_next') })).toMatchObject({ status: 200 });
  expect(await deliver(body, { header: sign(body, 'whsec_local') })).toMatchObject({ status: 200 });
  expect(await packs('ann')).toEqual([500]);
});

test('what Stripe’s test mode tells counts for nothing on prod, and what is live does', async () => {
  const { pay, deliver, packs, log } = await openWebhook({ STAGE: 'prod' });
  const { body } = await pay('ann');
  expect(await deliver(body)).toMatchObject({ status: 200 });
  expect(await packs('ann')).toEqual([]);
  expect(log.map((line) => JSON.parse(line))).toMatchObject([{ level: 'WARN', outcome: ['test_mode'] }]);
  expect(await deliver(change(body, (event) => ({ ...event, livemode: true })))).toMatchObject({ status: 200 });
  expect(await packs('ann')).toEqual([500]);
});

describe('where we fail it is 5xx, so that Stripe sends again: paid, never credited', () => {
  test('the database is out of reach', async () => {
    const { pay, deliver, log } = await openWebhook({ DYNAMODB_ENDPOINT: NOWHERE });
    const { body } = await pay('ann');
    const answer = await deliver(body);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(Object.keys(answer.body).toSorted()).toEqual(['code', 'status', 'title', 'type']);
    expect(log[0]).toContain('"outcome":["failed"]');
    expect(log.join()).not.toMatch(/order-ann|cus_/);
  });

  test('Stripe has to be asked and is down: the event is acted on when it comes again', async () => {
    const { shop, pay, bodies, deliver, packs } = await openWebhook();
    const { paymentId } = await pay('ann');
    await shop.control('POST', '/refunds', { paymentIntentId: paymentId, amount: 100 });
    const body = (await bodies()).get('charge.refunded') ?? '';
    shop.standIn.outage(true);
    expect(await deliver(body)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    shop.standIn.outage(false);
    // The refund is heard of before what it refunds, and the payment is asked for.
    expect(await deliver(body)).toMatchObject({ status: 200 });
    expect(await packs('ann')).toEqual([400]);
  });

  test('an invoice is longer than its event, and Stripe, which has the rest, is down', async () => {
    const { shop, offer, bodies, deliver, noted, left } = await openWebhook();
    const { customer } = await offer('ann');
    const { id } = await checkout(shop, 'price_starter', { customer: idOf(customer) });
    await shop.control('POST', `/checkout/${id}/pay`, { outcome: 'paid' });
    const { subscription } = await shop.stripe.checkout.sessions.retrieve(id);
    const bought = await bodies();
    expect(await deliver(bought.get('customer.subscription.created') ?? '')).toMatchObject({ status: 200 });
    expect(await deliver(bought.get('invoice.paid') ?? '')).toMatchObject({ status: 200 });
    await renewLong(shop, await shop.stripe.subscriptions.retrieve(idOf(subscription)));
    const renewal = (await bodies()).get('invoice.paid') ?? '';
    noted.splice(0);
    shop.standIn.outage(true);
    expect(await deliver(renewal)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(noted).toContainEqual(expect.objectContaining({ WebhookFailed: 1 }));
    await shop.moveTo(START_MS + 28 * DAY_MS + 4 * HOUR_MS);
    expect(await left('ann', 'subscription')).toEqual([]);
    shop.standIn.outage(false);
    expect(await deliver(renewal)).toMatchObject({ status: 200 });
    expect(await left('ann', 'subscription')).toEqual([2000]);
  });

  test('the signing secret cannot be read', async () => {
    const { pay, deliver, secrets, packs } = await openWebhook();
    const { body } = await pay('ann');
    const secret = secrets['signing'];
    delete secrets['signing'];
    expect(await deliver(body)).toMatchObject({ status: 500, body: { code: 'internal' } });
    secrets['signing'] = secret ?? '';
    expect(await deliver(body)).toMatchObject({ status: 200 });
    expect(await packs('ann')).toEqual([500]);
  });
});

test.each([
  ['no prices', { STRIPE_PRICES: 'none' }, /STRIPE_PRICES/],
  ['no stage', { STAGE: undefined }, /STAGE/],
  ['no signing secret', { STRIPE_WEBHOOK_SECRET_ARN: undefined }, /STRIPE_WEBHOOK_SECRET_ARN/],
  ['no key', { STRIPE_API_KEY_SECRET_ARN: undefined }, /STRIPE_API_KEY_SECRET_ARN/],
])('with %s it does not start', async (_, env, why) => {
  await expect(openWebhook(env)).rejects.toThrow(why);
});
