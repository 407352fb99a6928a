import { expect, test } from 'vitest';
import { catalog } from '../../lib/catalog/catalog.ts';
import { planSetup, setUpStripe } from '../../lib/stripe/setup.ts';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { openBetween } from '../lambdas/between.ts';
import { buy } from '../local/stripe/shop.ts';
import { openAccount, URL_OF_STAGE } from './setup-account.ts';

const wish = { catalog, webhookUrl: URL_OF_STAGE, live: false };

test.each([
  { version: '2024-06-20', said: 1 },
  { version: '2025-03-30.acacia', said: 1 },
  { version: '2025-03-31.basil', said: 0 },
  { version: '2026-10-28.endive', said: 0 },
  { version: null, said: 0 },
])('an account whose events are as of $version is told of $said times', async ({ version, said }) => {
  const { shop } = await openAccount();
  const { between, asked, endpoint } = await openBetween(shop.standIn.port);
  const stripe = stripeClient({ apiKey: LOCAL_STRIPE_KEY, endpoint });
  expect((await planSetup(stripe, wish)).byHand).toEqual([]);
  await buy(shop, 'price_pack');
  between.alter = (path, answer) =>
    path === '/v1/events'
      ? JSON.parse(
          JSON.stringify(answer).replaceAll(/"api_version":"[^"]*"/g, `"api_version":${JSON.stringify(version)}`),
        )
      : answer;
  const { byHand } = await planSetup(stripe, wish);
  expect(byHand).toHaveLength(said);
  for (const sentence of byHand) expect(sentence).toContain(`default API version is ${version}`);
  // It is said, and keeps nothing from being done.
  const done = await setUpStripe(
    { stripe, attemptId: 'attempt', onChange: () => undefined, keepSecret: () => undefined },
    wish,
  );
  expect(done.byHand).toEqual(byHand);
  expect(done.done.length).toBeGreaterThan(0);
  expect(asked).toContain('GET /v1/events');
});
