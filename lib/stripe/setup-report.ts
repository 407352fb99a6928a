import type { SoldPrice } from '../domain/sold-price.ts';
import type { SetUp } from './setup.ts';
import { shownChange } from './setup-change.ts';

/** More do not fit a function's environment (`lib/infra/stripe-prices.ts`). */
const MOST_PRICES = 30;

/** As the CDK context has it: `lib/infra/stripe-prices.ts` reads it, `STRIPE_PRICES` hands it on. */
export const contextPrices = (prices: readonly SoldPrice[]) =>
  prices.map(({ item, priceId: price, amount, currency }) => ({ item, price, amount, currency }));

/** A secret's name, asked of the stage's stack. */
const outputOf = (stage: string, output: string): string =>
  `"$(aws cloudformation describe-stacks --stack-name credits-${stage} --query "Stacks[0].Outputs[?OutputKey=='${output}'].OutputValue" --output text)"`;

const put = (stage: string, output: string, file: string): readonly string[] => [
  `   aws secretsmanager put-secret-value --secret-id ${outputOf(stage, output)} \\`,
  `     --secret-string ${file}`,
];

/** Of the functions' key: what they do, and no more (`lib/infra/stripe-secrets.ts`). */
const PERMISSIONS = [
  '   write: Customers, Checkout Sessions, Customer Portal, Subscriptions, Charges and Refunds',
  '   read:  Invoices, PaymentIntents, Disputes, Events, Products, Prices',
  '   none:  everything else',
];

/** R19. A setting of the account's that no call of Stripe's tells or changes: https://docs.stripe.com/billing/revenue-recovery/smart-retries */
const GIVES_UP = [
  '4. What Stripe does when all retries of a payment have failed (Dashboard: Billing, Revenue recovery, Retries): cancel the subscription, or mark it as unpaid.',
  '   Left past due, no word of Stripe’s ever ends it, and the account stays on its plan without paying.',
];

const toldOfSecret = (stage: string, secretFile: string | null, hasEndpoint: boolean): readonly string[] => {
  if (secretFile !== null)
    return [
      `2. The webhook's signing secret is in ${secretFile}, for you alone to read, and nowhere else: Stripe does not show it again here.`,
      ...put(stage, 'StripeWebhookSecret', `file://${secretFile}`),
      `   rm ${secretFile}`,
    ];
  return hasEndpoint
    ? [
        '2. The webhook endpoint was there before, and its signing secret is as it was. Not in Secrets Manager yet? The Dashboard shows it: Workbench, Webhooks, the endpoint, "Signing secret". Typed in, not on a command line:',
        `   read -rs SECRET && printf '{"secrets":["%s"]}' "$SECRET" |`,
        ...put(stage, 'StripeWebhookSecret', 'file:///dev/stdin'),
        '   unset SECRET',
      ]
    : ['2. No --webhook-url was given: run this again with the stack’s output WebhookUrl.'];
};

export interface Told {
  readonly stage: 'dev' | 'prod';
  /** Where the secret went; `null`: none was made. */
  readonly secretFile: string | null;
  readonly hasEndpoint: boolean;
}

/** What is to be configured now, for a person. Names no secret. */
export const setupReport = ({ done, byHand, prices }: SetUp, { stage, secretFile, hasEndpoint }: Told): string => {
  const listed = contextPrices(prices).map((price) => `      ${JSON.stringify(price)}`);
  return [
    done.length === 0 ? 'Nothing to do: Stripe is as the catalog says.' : `Done: ${done.length} changes.`,
    ...byHand.map((sentence) => `BY HAND: ${sentence}.`),
    '',
    `1. The prices of the stage ${stage}, for "context" in cdk.json, or by -c stripePrices='…'. An item's first is the one sold now; keep the others for whoever renews at them:`,
    '',
    `    "stripePrices": { "${stage}": [`,
    listed.join(',\n'),
    '    ] }',
    '',
    ...(prices.length > MOST_PRICES
      ? [
          `   ${prices.length} are more than the ${MOST_PRICES} that fit: archive at Stripe what nobody renews at any more.`,
        ]
      : []),
    ...toldOfSecret(stage, secretFile, hasEndpoint),
    '',
    '3. The functions’ own key: a restricted one, which only the Dashboard makes (Developers, API keys, Create restricted key):',
    ...PERMISSIONS,
    '   Typed in, not on a command line:',
    `   read -rs KEY && printf '{"apiKey":"%s"}' "$KEY" |`,
    ...put(stage, 'StripeApiKeySecret', 'file:///dev/stdin'),
    '   unset KEY',
    '',
    ...GIVES_UP,
    '',
  ].join('\n');
};

/** What would be done, one line each. */
export const setupPreview = (changes: SetUp['done'], byHand: readonly string[]): string =>
  [
    changes.length === 0 ? 'Nothing to do: Stripe is as the catalog says.' : 'Would be done:',
    ...changes.map((change) => `  ${shownChange(change)}`),
    ...byHand.map((sentence) => `BY HAND: ${sentence}.`),
    '',
  ].join('\n');
