import { PRICES } from '../prices.ts';
import { DAY_PRICES } from '../time/prices.ts';

/** `quoted`: read on that page, or in pages that quote it, on the day below. `remembered`: nobody could look; check it before you rely on it. */
type Seen = 'quoted' | 'remembered';

export interface Price {
  readonly what: string;
  /** For one. */
  readonly dollars: number;
  /** As the page says it. */
  readonly said: string;
  readonly page: string;
  readonly seen: Seen;
}

export const LOOKED_UP = '2026-11-22';

const price = (what: string, dollars: number, said: string, page: string, seen: Seen = 'quoted'): Price => ({
  what,
  dollars,
  said,
  page,
  seen,
});

const AWS = 'https://aws.amazon.com';
const DYNAMODB = `${AWS}/dynamodb/pricing/on-demand/`;
const LAMBDA = `${AWS}/lambda/pricing/`;
const CLOUDWATCH = `${AWS}/cloudwatch/pricing/`;
const EVENTS = `${AWS}/eventbridge/pricing/`;
const COGNITO = `${AWS}/cognito/pricing/`;
const SECRETS = `${AWS}/secrets-manager/pricing/`;

/** us-east-1, without any free tier, the first step where there are several. */
export const COST_PRICES = {
  httpRequest: price('HTTP API, a request', 1 / 1e6, '$1.00 a million', `${AWS}/api-gateway/pricing/`),
  lambdaRequest: price('Lambda, a request', DAY_PRICES.lambdaRequest, '$0.20 a million', LAMBDA),
  lambdaGbSecond: price('Lambda on Arm, a GB-second', DAY_PRICES.lambdaGbSecond, '$0.0000133334', LAMBDA),
  writeUnit: price('DynamoDB on demand, a write unit', PRICES.write / 1e6, `$${PRICES.write} a million`, DYNAMODB),
  readUnit: price('DynamoDB on demand, a read unit', PRICES.read / 1e6, `$${PRICES.read} a million`, DYNAMODB),
  storedGbMonth: price('DynamoDB, a GB stored for a month', 0.25, '$0.25', DYNAMODB, 'remembered'),
  backedUpGbMonth: price(
    'DynamoDB, a GB under point-in-time recovery for a month',
    0.2,
    '$0.20',
    DYNAMODB,
    'remembered',
  ),
  loggedGb: price('CloudWatch Logs, a GB taken in', 0.5, '$0.50', CLOUDWATCH),
  keptLogGbMonth: price('CloudWatch Logs, a compressed GB kept for a month', 0.03, '$0.03', CLOUDWATCH, 'remembered'),
  metricMonth: price('CloudWatch, a metric of one’s own for a month', 0.3, '$0.30', CLOUDWATCH),
  alarmMonth: price('CloudWatch, an alarm for a month', 0.1, '$0.10', CLOUDWATCH),
  dashboardMonth: price('CloudWatch, a dashboard for a month', 3, '$3.00', CLOUDWATCH),
  event: price('EventBridge, an event of one’s own', DAY_PRICES.event, '$1.00 a million', EVENTS),
  firing: price('EventBridge Scheduler, a firing', 1 / 1e6, '$1.00 a million', EVENTS),
  trace: price('X-Ray, a trace recorded', 5 / 1e6, '$5.00 a million', `${AWS}/xray/pricing/`),
  step: price(
    'Step Functions, a step of a standard workflow',
    DAY_PRICES.standardStep,
    '$25.00 a million',
    `${AWS}/step-functions/pricing/`,
  ),
  secretMonth: price('Secrets Manager, a secret for a month', 0.4, '$0.40', SECRETS),
  secretRead: price('Secrets Manager, a call', 0.05 / 1e4, '$0.05 for 10,000', SECRETS),
  keyMonth: price('KMS, a key of one’s own for a month', 1, '$1.00', `${AWS}/kms/pricing/`, 'remembered'),
  clientMonth: price('Cognito, a client with client credentials for a month', 6, '$6.00', COGNITO),
  clientToken: price('Cognito, a token by client credentials', 2.25 / 1e3, '$2.25 a thousand', COGNITO),
  activeUserMonth: price(
    'Cognito Essentials, a person active in a month',
    0.015,
    '$0.015 above 10,000',
    COGNITO,
    'remembered',
  ),
  sentGb: price('to the internet, a GB', 0.09, '$0.09', `${AWS}/ec2/pricing/on-demand/`),
} as const satisfies Readonly<Record<string, Price>>;
