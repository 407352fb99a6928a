import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod/mini';

/** Whose tokens the API accepts. */
export interface TokenIssuer {
  readonly issuer: string;
  /** What a token's `aud` must name (`client_id` where it has no `aud`, as Cognito's access tokens). */
  readonly audience: readonly string[];
}

/** What differs between one deployment and another, and nothing else. */
export interface Stage {
  readonly name: 'dev' | 'prod';
  /** An issuer of one's own; `null`: the stack makes a Cognito user pool. */
  readonly oidc: TokenIssuer | null;
  /** Where front ends live: what CORS allows, and where sign-in leads back to. */
  readonly origins: readonly string[];
  /** Requests a second over all callers, and how many at once; above them API Gateway answers 429. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  readonly logRetention: RetentionDays;
  /** Throws nothing away when the stack goes, and guards the stack itself. */
  readonly keep: boolean;
}

const defaults = {
  dev: {
    origins: ['http://localhost:3000'],
    throttle: { rate: 200, burst: 400 },
    logRetention: RetentionDays.ONE_WEEK,
    keep: false,
  },
  prod: {
    origins: [],
    throttle: { rate: 2_000, burst: 4_000 },
    logRetention: RetentionDays.THREE_MONTHS,
    keep: true,
  },
} satisfies Record<Stage['name'], Omit<Stage, 'name' | 'oidc'>>;

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
const perSecond = z.coerce
  .number('a whole number of requests')
  .check(z.int('a whole number of requests'), z.minimum(1, '1 at least'), z.maximum(10_000, '10,000 at most'));

const context = z
  .object({
    stage: z._default(z.enum(['dev', 'prod'], 'dev or prod'), 'dev'),
    issuer: z.optional(httpsUrl),
    audience: z.optional(listOf(z.string().check(z.minLength(1, 'an audience')))),
    origins: z.optional(listOf(origin)),
    throttleRate: z.optional(perSecond),
    throttleBurst: z.optional(perSecond),
    logRetentionDays: z.optional(
      z.pipe(z.coerce.number(), z.enum(RetentionDays, 'a retention CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, …')),
    ),
  })
  .check(z.refine((c) => (c.issuer === undefined) === (c.audience === undefined), 'issuer and audience go together'));

/** The stage that the CDK context (`-c stage=prod`, see README) names, over its defaults. Throws with every fault of the context. */
export const readStage = (get: (key: string) => unknown): Stage => {
  const given = Object.fromEntries(Object.keys(context.shape).map((key) => [key, get(key)]));
  const parsed = context.safeParse(given);
  if (!parsed.success) throw new Error(`CDK context (-c key=value):\n${z.prettifyError(parsed.error)}`);
  const { stage, issuer, audience, origins, throttleRate, throttleBurst, logRetentionDays } = parsed.data;
  const base = defaults[stage];
  return {
    name: stage,
    oidc: issuer !== undefined && audience !== undefined ? { issuer, audience } : null,
    origins: origins ?? base.origins,
    throttle: { rate: throttleRate ?? base.throttle.rate, burst: throttleBurst ?? base.throttle.burst },
    logRetention: logRetentionDays ?? base.logRetention,
    keep: base.keep,
  };
};
