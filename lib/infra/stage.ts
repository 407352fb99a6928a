import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod/mini';
import { catalog } from '../catalog/catalog.ts';
import { type ListedPrice, readStripePrices } from './stripe-prices.ts';

/** Whose tokens the API accepts. */
export interface TokenIssuer {
  readonly issuer: string;
  /** What a token's `aud` must name (`client_id` where it has no `aud`, as Cognito's access tokens). */
  readonly audience: readonly string[];
}

export interface Throttle {
  /** Requests a second, in the long run. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
}

/**
 * Webhooks: some 200 events a second, more than Stripe sends at the turn of a month to anyone who has this quota, and a twentieth of
 * the 1,000 executions an account mostly has, so that a burst starves nobody's hold; Stripe sends again what is turned away.
 * Reconcile: one at a time, because Stripe counts all of our requests together.
 */
const RESERVED = { webhooks: 50, reconcile: 1 };

/** What differs between one deployment and another, and nothing else. */
export interface Stage {
  readonly name: 'dev' | 'prod';
  /** An issuer of one's own; `null`: the stack makes a Cognito user pool. */
  readonly oidc: TokenIssuer | null;
  /** Where front ends live: what CORS allows, and where sign-in leads back to. */
  readonly origins: readonly string[];
  /** Where the front end lives: Checkout and the billing portal lead back there. */
  readonly appUrl: string;
  /** What is sold, and by which of Stripe's prices; none: nothing is. */
  readonly stripePrices: readonly ListedPrice[];
  /** Of one route, over all callers; some routes get less (`routeThrottle`). Above it API Gateway answers 429. */
  readonly throttle: Throttle;
  /**
   * How many of a function may run at once; nobody else can have them, and it can have no more. `null`: no function has a share of its own.
   * Not on `dev`, which is often a new account: it has 10 concurrent executions in all, and Lambda lets none be set aside.
   */
  readonly reserved: { readonly webhooks: number; readonly reconcile: number } | null;
  readonly logRetention: RetentionDays;
  /** Who is told of alarms, beside whoever subscribes to their topic; `null`: nobody is. */
  readonly alarmEmail: string | null;
  /** Throws nothing away when the stack goes, and guards the stack itself. */
  readonly keep: boolean;
}

const defaults = {
  dev: {
    origins: ['http://localhost:3000'],
    throttle: { rate: 200, burst: 400 },
    reserved: null,
    logRetention: RetentionDays.ONE_WEEK,
    keep: false,
  },
  prod: {
    origins: [],
    throttle: { rate: 2_000, burst: 4_000 },
    reserved: RESERVED,
    logRetention: RetentionDays.THREE_MONTHS,
    keep: true,
  },
} satisfies Record<Stage['name'], Omit<Stage, 'name' | 'oidc' | 'appUrl' | 'stripePrices' | 'alarmEmail'>>;

/** `-c` gives text only; a list is written with commas, in `cdk.json` as an array. */
const listOf = (item: z.ZodMiniType<string, string>) =>
  z.pipe(
    z.union([
      z.array(z.string()),
      z.pipe(
        z.string(),
        z.transform((text: string) => text.split(',').map((part) => part.trim())),
      ),
    ]),
    z.array(item).check(z.minLength(1)),
  );

const httpsUrl = z.string().check(z.regex(/^https:\/\/[^\s?#]+$/, 'an https:// URL'));
const origin = z
  .string()
  .check(z.regex(/^(https:\/\/[^\s/?#*,]+|http:\/\/localhost(:\d+)?)$/, 'https://host, without path'));
const appUrl = z
  .string()
  .check(z.regex(/^(https:\/\/|http:\/\/localhost)[^\s?#]*[^\s?#/]$/, 'an https:// URL without a slash at its end'));
const perSecond = z.coerce
  .number('a whole number of requests')
  .check(z.int('a whole number of requests'), z.minimum(1, '1 at least'), z.maximum(10_000, '10,000 at most'));

const context = z
  .object({
    stage: z._default(z.enum(['dev', 'prod'], 'dev or prod'), 'dev'),
    issuer: z.optional(httpsUrl),
    audience: z.optional(listOf(z.string().check(z.minLength(1, 'an audience')))),
    origins: z.optional(listOf(origin)),
    appUrl: z.optional(appUrl),
    stripePrices: z.optional(z.unknown()),
    reservedConcurrency: z.optional(z.enum(['on', 'off'], 'on or off')),
    throttleRate: z.optional(perSecond),
    throttleBurst: z.optional(perSecond),
    alarmEmail: z.optional(z.string().check(z.regex(/^[^\s@]+@[^\s@]+$/, 'an e-mail address'))),
    logRetentionDays: z.optional(
      z.pipe(z.coerce.number(), z.enum(RetentionDays, 'a retention CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, …')),
    ),
  })
  .check(z.refine((c) => (c.issuer === undefined) === (c.audience === undefined), 'issuer and audience go together'));

/** Where nothing is sold, nothing leads back; RFC 2606 keeps this name from ever being somebody's. */
const NOWHERE = 'https://app.invalid';

/** The stage that the CDK context (`-c stage=prod`, see README) names, over its defaults. Throws with every fault of the context. */
export const readStage = (get: (key: string) => unknown): Stage => {
  const given = Object.fromEntries(Object.keys(context.shape).map((key) => [key, get(key)]));
  const parsed = context.safeParse(given);
  if (!parsed.success) throw new Error(`CDK context (-c key=value):\n${z.prettifyError(parsed.error)}`);
  const { stage, issuer, audience, throttleRate, throttleBurst, logRetentionDays, reservedConcurrency } = parsed.data;
  const base = defaults[stage];
  const origins = parsed.data.origins ?? base.origins;
  const app = parsed.data.appUrl ?? origins[0];
  const stripePrices = readStripePrices(parsed.data.stripePrices, stage, catalog);
  if (stripePrices.length > 0 && app === undefined)
    throw new Error(
      'CDK context (-c key=value):\nstripePrices needs appUrl or origins: Checkout must lead back somewhere',
    );
  return {
    name: stage,
    oidc: issuer !== undefined && audience !== undefined ? { issuer, audience } : null,
    origins,
    appUrl: app ?? NOWHERE,
    stripePrices,
    throttle: { rate: throttleRate ?? base.throttle.rate, burst: throttleBurst ?? base.throttle.burst },
    reserved: reservedConcurrency === undefined ? base.reserved : reservedConcurrency === 'on' ? RESERVED : null,
    logRetention: logRetentionDays ?? base.logRetention,
    alarmEmail: parsed.data.alarmEmail ?? null,
    keep: base.keep,
  };
};
