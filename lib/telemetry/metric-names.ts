/** The namespace of all of our metrics in CloudWatch. */
export const NAMESPACE = 'Credits';

/** The one dimension they all have: which deployment it is. */
export const serviceOf = (stage: string | undefined): string => `credits-${stage}`;

/**
 * What is measured, and in what. Each is summed over a period, but for seconds and `SweepBacklogSeconds`, whose greatest counts. `Refusals` is
 * counted by the line of each request (`lib/http/request-line.ts`), by code too; all else through `openTelemetry`.
 */
export const METRICS = {
  // Told by the table's stream: once for each write, and again where a batch is taken up again.
  RunsHeld: 'Count',
  RunsSettled: 'Count',
  RunsFailed: 'Count',
  RunsExpired: 'Count',
  CreditsHeld: 'Count',
  CreditsSettled: 'Count',
  /** R9: what runs cost beyond what could be charged. */
  CreditsAbsorbed: 'Count',

  Refusals: 'Count',

  // R17: what became of what Stripe's events tell; `Failed`: of an event, which Stripe sends again.
  WebhookApplied: 'Count',
  WebhookKnown: 'Count',
  WebhookIgnored: 'Count',
  WebhookMismatch: 'Count',
  WebhookUndone: 'Count',
  WebhookFailed: 'Count',
  /** Not signed by Stripe, or no event, or of a form that is not known: refused with 400. */
  WebhookUnsigned: 'Count',
  WebhookUnreadable: 'Count',
  /** From when Stripe made an event to when it was acted on. */
  WebhookLagSeconds: 'Seconds',

  // R21, when a reconciliation is through.
  ReconciledRecent: 'Count',
  ReconciledFull: 'Count',
  ReconcileHeard: 'Count',
  ReconcileRepaired: 'Count',
  ReconcileMismatched: 'Count',
  ReconcileUndone: 'Count',
  ReconcileFailed: 'Count',
  /** Of a form that is not known, asked for anew too. */
  ReconcileUnreadable: 'Count',

  SweepTouched: 'Count',
  SweepFailed: 'Count',
  /** How long the account that has been due the longest has been. */
  SweepBacklogSeconds: 'Seconds',

  // I2: accounts whose history was compared with what they are, and those that did not agree.
  LedgerChecked: 'Count',
  LedgerDrift: 'Count',
} as const;

export type MetricName = keyof typeof METRICS;
