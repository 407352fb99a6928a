import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { soldPrices } from '../lib/stripe/sold-prices.ts';
import { StartupProblem } from './startup-problem.ts';

export interface RealStripe {
  /** `sk_test_…` or `rk_test_…`, never a live one. */
  readonly apiKey: string;
  /** What `stripe listen` signs with. */
  readonly webhookSecret: string;
  /** JSON, as `stripe:setup` prints it. */
  readonly prices: string;
}

/** What the environment says about one machine's runtime. */
export interface Settings {
  /** 0: any free one. */
  readonly port: number;
  /** A DynamoDB-compatible engine that is there already; then none is started. */
  readonly dynamodbEndpoint: string | undefined;
  /** Absolute. Keys, clock and the embedded engine's database live in it. */
  readonly dataDir: string;
  /** The table's name in the engine. */
  readonly tableName: string;
  /** Payments go through Stripe's test mode with it; without, through the stand-in. */
  readonly stripe: RealStripe | undefined;
  /** Whether to walk through the main job in the terminal. */
  readonly story: boolean;
}

export const projectRoot = join(import.meta.dirname, '..');

const isPriceList = (text: string): boolean => {
  try {
    return soldPrices(text).length > 0;
  } catch {
    return false;
  }
};

const environment = z.object({
  PORT: z._default(
    z.string().check(
      z.regex(/^\d{1,5}$/),
      z.refine((port) => Number(port) < 65_536),
    ),
    '3000',
  ),
  DYNAMODB_ENDPOINT: z.optional(z.url({ protocol: /^https?$/ })),
  CREDITS_DATA_DIR: z._default(z.string(), '.local'),
  CREDITS_TABLE: z._default(z.string().check(z.regex(/^[\w.-]{3,255}$/)), 'credits'),
  CREDITS_STORY: z._default(z.enum(['on', 'off']), 'on'),
  STRIPE_SECRET_KEY: z.optional(z.string().check(z.regex(/^(sk|rk)_test_\w+$/))),
  STRIPE_WEBHOOK_SECRET: z.optional(z.string().check(z.regex(/^whsec_\w+$/))),
  STRIPE_PRICES: z.optional(z.string().check(z.refine(isPriceList))),
});

const meaning: Readonly<Record<string, string>> = {
  PORT: 'a port number from 0 to 65535',
  DYNAMODB_ENDPOINT: 'the URL of a DynamoDB, such as http://localhost:8000',
  CREDITS_TABLE: 'a table name: 3 to 255 letters, digits, "_", "-" or "."',
  CREDITS_STORY: '"on" or "off"',
  STRIPE_SECRET_KEY: 'a key of Stripe’s test mode, sk_test_… or rk_test_…: from one machine no real money moves',
  STRIPE_WEBHOOK_SECRET: 'the secret that `stripe listen` prints, whsec_…',
  STRIPE_PRICES: 'a JSON list such as [{"item":"starter","price":"price_…","amount":1500,"currency":"usd"}]',
};

/** What is never shown. */
const SECRET = new Set(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']);

/** `PORT is "x"; it` */
const isNow = (name: string, value: string | undefined): string =>
  SECRET.has(name) ? name : `${name} is "${value}"; it`;

const readStripe = ({
  STRIPE_SECRET_KEY: apiKey,
  STRIPE_WEBHOOK_SECRET: webhookSecret,
  STRIPE_PRICES: prices,
}: z.infer<typeof environment>): RealStripe | undefined => {
  if (apiKey === undefined) return undefined;
  if (webhookSecret !== undefined && prices !== undefined) return { apiKey, webhookSecret, prices };
  const missing = Object.entries({ STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_PRICES: prices });
  throw new StartupProblem(
    missing
      .filter(([, value]) => value === undefined)
      .map(([name]) => `With STRIPE_SECRET_KEY, ${name} is needed too: ${meaning[name]}.`)
      .join('\n'),
  );
};

/** An empty variable counts as none. Refuses with a `StartupProblem` that names the variable. */
export const readSettings = (env: Readonly<Record<string, string | undefined>>): Settings => {
  const given = Object.fromEntries(Object.keys(environment.shape).map((name) => [name, env[name] || undefined]));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    throw new StartupProblem(names.map((name) => `${isNow(name, env[name])} must be ${meaning[name]}.`).join('\n'));
  }
  return {
    port: Number(parsed.data.PORT),
    dynamodbEndpoint: parsed.data.DYNAMODB_ENDPOINT,
    dataDir: resolve(projectRoot, parsed.data.CREDITS_DATA_DIR),
    tableName: parsed.data.CREDITS_TABLE,
    stripe: readStripe(parsed.data),
    story: parsed.data.CREDITS_STORY === 'on',
  };
};
