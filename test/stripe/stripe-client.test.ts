import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { stripeAccess } from '../../lib/stripe/stripe-access.ts';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
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
