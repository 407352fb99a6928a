import type { EventType } from './event-schemas.ts';

export interface Described {
  readonly when: string;
  readonly howOften: string;
  /** Whether a replay can tell it again, and if not, why. */
  readonly replay: string;
  /** What a rule may ask of it beside its type (EventBridge's content filtering). */
  readonly filter?: { readonly asks: string; readonly detail: Readonly<Record<string, unknown>> };
}

const FROM_HISTORY = 'yes, from the account’s history';

/** When each event is told and how often: what its schema cannot say. */
export const eventCatalog: Readonly<Record<EventType, Described>> = {
  'run.held': {
    when: 'The owner, or their standing rule, has approved an estimate and its credits are set aside (R4, R5).',
    howOften: 'Once a run.',
    replay: 'yes: of a run that is held from the account, of one that has ended from its record',
  },
  'run.settled': {
    when: 'A run has ended and was charged its real cost, at most what was held; the rest is back (R9).',
    howOften: 'Once a run, which then never fails nor expires (R11).',
    replay: FROM_HISTORY,
    filter: {
      asks: 'runs that cost more than was held, at the product’s expense',
      detail: { run: { absorbed: [{ numeric: ['>', 0] }] } },
    },
  },
  'run.failed': {
    when: 'A run has failed. Nothing is charged, everything held is back (R10).',
    howOften: 'Once a run, which then is never settled nor expires.',
    replay: FROM_HISTORY,
  },
  'run.expired': {
    when: 'A run’s deadline has passed without a word. Nothing is charged. `at` is the deadline; it is told when a request or the sweep of the minute finds it (R7).',
    howOften: 'Once a run, which then is never settled nor fails.',
    replay: FROM_HISTORY,
  },
  'credits.granted': {
    when: 'Credits came: the day’s or the month’s, a purchase, a gift of support’s, a refund of a run, a dispute won.',
    howOften:
      'Once for each line of the history that gives credits. Free credits nobody drew on live on over midnight without a line, and so without an event (R12).',
    replay: FROM_HISTORY,
    filter: { asks: 'what was bought', detail: { entry: { payment: [{ exists: true }] } } },
  },
  'credits.expired': {
    when: 'Credits ended unused: at midnight, at the end of a month, a pack or a subscription.',
    howOften: 'Once for each line of the history that ends credits.',
    replay: FROM_HISTORY,
    filter: { asks: 'packs that ended', detail: { entry: { grants: { kind: ['pack'] } } } },
  },
  'credits.clawed_back': {
    when: 'Credits went because their money went back or is disputed (R20). Where nothing was left to take there is a line in the history and no event.',
    howOften: 'Once for each line of the history that takes credits back.',
    replay: FROM_HISTORY,
    filter: { asks: 'more had been spent than could be taken', detail: { entry: { shortfall: [{ exists: true }] } } },
  },
  'credits.low': {
    when: 'What is left over has fallen to the owner’s notice (`lowBalanceAt`) or below. Of a hold, `at` is its approval; otherwise it is when the fall was seen, because the account does not say.',
    howOften:
      'Once for each crossing: not again while it stays below. Moving the notice above the balance is no crossing, nor is the opening of an account.',
    replay: 'no: it is read off two states of the account one after another, of which only the last is kept',
  },
  'subscription.changed': {
    when: 'Either the plan is another one now, told with its line of the history (`entry`); or Stripe has told another standing, another end or another plan to come of the same subscription (`subscription`).',
    howOften: 'Once for each change of plan, and once for each change of standing, renewal or plan to come.',
    replay: 'the change of plan, yes; the standing, no: only the last is kept (`GET /v1/billing` shows it)',
    filter: { asks: 'subscriptions that are past due', detail: { subscription: { status: ['past_due'] } } },
  },
  'payment.failed': {
    when: 'A payment did not go through (R19). Amounts are in the currency’s smallest unit.',
    howOften: 'Once for each attempt.',
    replay: 'yes, from the notice that was kept',
  },
  'enterprise.quote_requested': {
    when: 'Somebody asked for a quote (R26).',
    howOften: 'Once a request.',
    replay: 'yes, from what was kept of it',
  },
};

/** What fields mean that do not say it themselves, by their place in the detail. */
export const FIELDS: Readonly<Record<string, string>> = {
  id: 'the same however often it is told: dedupe on it',
  order: 'sorts the events of one account, as text',
  accountId: 'whose it is',
  at: 'the instant it counts from, UTC',
  run: 'as `GET /v1/runs/{runId}` shows it',
  'run.tool': 'its id in the catalog',
  'run.priceVersion': 'the prices the estimate was made with',
  'run.estimate': 'credits the owner said yes to',
  'run.held': 'credits set aside',
  'run.charged': 'credits it cost them',
  'run.released': 'credits that came back',
  'run.absorbed': 'credits it cost beyond what was held: the product’s',
  'run.approval': 'R4',
  'run.approval.by': 'the account',
  'run.approval.ruleVersion': 'of the standing rule that said yes',
  'run.approval.shown': 'what they said yes to',
  'run.expiresAt': 'the deadline',
  'run.reason': 'of a failure, as the agent gave it',
  'run.refund': 'null in every event: a refund is an event of its own, `credits.granted`',
  entry: 'as `GET /v1/usage` shows it',
  'entry.id': 'its place in the history',
  'entry.credits': 'signed: the sum of its grants',
  'entry.grants[]': 'the grants it changes',
  'entry.grants[].credits': 'signed',
  'entry.grants[].expiresAt': 'where the grant begins or its end changes',
  'entry.runId': 'of a run it comes of',
  'entry.actor': 'who of support did it (R29)',
  'entry.planId': 'the plan from now on',
  'entry.payment': 'Stripe’s id of the payment intent or invoice',
  'entry.shortfall': 'credits that could not be taken back',
  available: 'credits left over, as of then',
  lowBalanceAt: 'the notice that was crossed',
  'subscription.id': 'Stripe’s',
  'subscription.status': 'Stripe’s word',
  'subscription.renews': 'false: it ends with the period',
  'subscription.nextPlan': 'the plan that comes with the next period',
  amount: 'in the currency’s smallest unit',
  subscriptionId: 'what it was to renew',
  nextAttemptAt: 'null: Stripe does not try again',
  asked: 'the fields of `POST /v1/enterprise-quotes`',
};
