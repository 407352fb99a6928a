import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EARLY_MS, whileAsked } from '../../lib/deadline/deadline.ts';
import { chain } from '../../lib/http/chain.ts';
import { changePlan } from '../../lib/http/contract/billing.ts';
import { once } from '../../lib/stripe/buying-options.ts';
import { stripeAccess } from '../../lib/stripe/stripe-access.ts';
import { type StripeClient, stripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { gatewayEvent, jwtOf } from '../lambdas/gateway-event.ts';
import { openShop, START_MS } from '../local/stripe/shop.ts';

const portOf = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

test('gives up in three seconds on a Stripe that is silent, does not finish its handshake, or trickles', async () => {
  const silent = await portOf(createServer());
  const trickling = await portOf(
    createHttpServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 500);
      response.on('close', () => clearInterval(timer));
    }),
  );
  const began = performance.now();
  await Promise.all(
    [`http://127.0.0.1:${silent}`, `https://127.0.0.1:${silent}`, `http://127.0.0.1:${trickling}`].map(
      async (endpoint) => {
        const client = stripeClient({ apiKey: 'sk_test_1', endpoint });
        const asked = client.customers.retrieve('cus_1');
        await expect(asked, endpoint).rejects.toMatchObject({ type: 'StripeConnectionError' });
      },
    ),
  );
  const tookMs = performance.now() - began;
  expect(tookMs).toBeGreaterThan(2_000);
  expect(tookMs).toBeLessThan(5_000);
});

test.each([
  {
    it: 'says it is down',
    how: (response: ServerResponse) => response.writeHead(503).end('{"error":{"type":"api_error"}}'),
  },
  { it: 'breaks the connection', how: (response: ServerResponse) => response.destroy() },
])('asks once where Stripe $it: whoever calls knows whether there is time for another try', async ({ how }) => {
  let asked = 0;
  const port = await portOf(
    createHttpServer((_, response) => {
      asked++;
      how(response);
    }),
  );
  const client = stripeClient({ apiKey: 'sk_test_1', endpoint: `http://127.0.0.1:${port}` });
  await expect(client.customers.retrieve('cus_1')).rejects.toMatchObject({
    type: expect.stringMatching(/^Stripe(Connection|API)Error$/),
  });
  expect(asked).toBe(1);
});

/** A Stripe that takes requests and answers each as it is told, or never. */
const openCounting = async (answer: (response: ServerResponse, nth: number) => void) => {
  const asked: string[] = [];
  let heard: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const port = await portOf(
    createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['idempotency-key']}`);
      answer(response, asked.length);
      request.resume().once('close', heard);
    }),
  );
  return { asked, first, client: stripeClient({ apiKey: 'sk_test_1', endpoint: `http://127.0.0.1:${port}` }) };
};
const DOWN = '{"error":{"type":"api_error"}}';
const upgrade = (client: StripeClient) =>
  client.subscriptions.update('sub_1', { items: [{ id: 'si_1', price: 'price_pro' }] }, once('change:upgrade'));

describe('for a request that has been answered', () => {
  test.each([
    { it: 'does not answer', how: () => undefined },
    { it: 'says it is down', how: (response: ServerResponse) => void response.writeHead(503).end(DOWN) },
    { it: 'breaks the connection', how: (response: ServerResponse) => void response.destroy() },
  ])(
    'nothing is sent any more where Stripe $it: no upgrade of an hour ago when the function thaws',
    async ({ how }) => {
      const { asked, first, client } = await openCounting(how);
      const limit = new AbortController();
      const outcome = expect(whileAsked(limit.signal, () => upgrade(client))).rejects.toMatchObject({
        type: 'StripeConnectionError',
      });
      await first;
      limit.abort();
      await outcome;
      await expect(whileAsked(limit.signal, () => upgrade(client))).rejects.toMatchObject({
        type: 'StripeConnectionError',
      });
      expect(asked).toEqual(['POST /v1/subscriptions/sub_1 change:upgrade']);
    },
  );

  test('what is under way is given up at once', async () => {
    const { first, client } = await openCounting(() => undefined);
    const limit = new AbortController();
    const asked = whileAsked(limit.signal, () => client.customers.retrieve('cus_1'));
    const outcome = expect(asked).rejects.toMatchObject({ type: 'StripeConnectionError' });
    await first;
    const beganMs = performance.now();
    limit.abort();
    await outcome;
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  });

  test('the door has said 503, and what it was about to try again is not tried', async () => {
    const { asked, client } = await openCounting((response) => response.writeHead(503).end(DOWN));
    const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => spy.mockRestore());
    let work: Promise<unknown> = Promise.resolve();
    const door = chain({ env: {}, now: () => START_MS, readSecret: async () => '' }, async () => {
      work = upgrade(client);
      await work;
      return { statusCode: 200 };
    });
    const event = gatewayEvent(changePlan, { authorizer: jwtOf('ann', 'credits/user') });
    const reply = await door(event, { getRemainingTimeInMillis: () => EARLY_MS + 300 });
    expect(reply).toMatchObject({ statusCode: 503, headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } });
    await expect(work).rejects.toMatchObject({ type: 'StripeConnectionError' });
    expect(asked).toHaveLength(1);
  });
});

test('for a request that somebody waits for, what failed is tried again with the same key', async () => {
  const { asked, client } = await openCounting((response, nth) =>
    nth < 3 ? response.writeHead(503).end(DOWN) : response.writeHead(200).end('{"id":"sub_1"}'),
  );
  expect(await whileAsked(new AbortController().signal, () => upgrade(client))).toMatchObject({ id: 'sub_1' });
  expect(asked).toEqual(Array(3).fill('POST /v1/subscriptions/sub_1 change:upgrade'));
});

test('a silent Stripe is given up on in three seconds while somebody waits, too', async () => {
  const { client } = await openCounting(() => undefined);
  const beganMs = performance.now();
  const asked = whileAsked(new AbortController().signal, () => client.customers.retrieve('cus_1'));
  await expect(asked).rejects.toMatchObject({ type: 'StripeConnectionError' });
  expect(performance.now() - beganMs).toBeGreaterThan(2_000);
  expect(performance.now() - beganMs).toBeLessThan(5_000);
});

test.each(['stripe.test', 'ftp://stripe.test', 'http://stripe.test/v1', 'http://stripe.test/?a=b'])(
  'does not take %s for an address',
  (endpoint) => {
    expect(() => stripeClient({ apiKey: 'sk_test_1', endpoint })).toThrow(/STRIPE_ENDPOINT|Invalid URL/);
  },
);

test('a key rotated in is used within five minutes, by the one client there is', async () => {
  const shop = await openShop();
  const world = { nowMs: START_MS, key: 'sk_test_revoked', read: 0 };
  const stripe = stripeAccess(
    {
      now: () => world.nowMs,
      readSecret: async () => {
        world.read++;
        return JSON.stringify({ apiKey: world.key });
      },
    },
    'secret',
    `http://localhost:${shop.standIn.port}`,
  );
  const ask = async () => (await stripe()).customers.list();
  await expect(ask()).rejects.toMatchObject({ type: 'StripeAuthenticationError' });
  world.key = LOCAL_STRIPE_KEY;
  world.nowMs += 5 * 60_000;
  expect(await ask()).toMatchObject({ data: [] });
  const before = await stripe();
  world.nowMs += 5 * 60_000;
  expect(await stripe()).toBe(before);
  expect(world.read).toBe(3);
});

test.each(['', 'sk_live_secret', '{}', '{"apiKey":"pk_live_secret"}'])(
  'a key that reads %j is a fault that does not tell it',
  async (text) => {
    const stripe = stripeAccess({ now: () => START_MS, readSecret: async () => text }, 'secret', undefined);
    await expect(stripe()).rejects.toThrow('the Stripe API key secret must read {"apiKey": "sk_… or rk_…"}');
  },
);
