import type * as z from 'zod/mini';
import { record } from '../../lib/domain/give-back.ts';
import { RELAUNCH_MS } from '../../lib/domain/legacy.ts';
import type { Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import type { refundLegacy } from '../../lib/http/contract/billing.ts';
import { iso } from '../../lib/http/shown.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { changePaid } from '../../lib/payments/change-paid.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { accountOfCustomer, readPayment, readPurchase } from '../../lib/store/billing.ts';
import { finishLegacyRefund, type LegacyRefund, legacyRow, readLegacyRefund } from '../../lib/store/legacy-row.ts';
import { readPaymentIntent, refundOnce } from '../../lib/stripe/buying-refund.ts';
import type { BillingDeps } from './dependencies.ts';

type Asked = Command<unknown, unknown, z.infer<typeof refundLegacy.body>>;
type Refunded = z.infer<typeof refundLegacy.reply>;

const notCovered = (why: string): Refusal => ({ refused: 'refund_not_covered', why });

/** Why a payment is not refunded; `null`: it is. Another account's is as good as unknown. */
const refusalOf = async (deps: BillingDeps, { accountId, paymentIntentId }: Asked['body']): Promise<Refusal | null> => {
  const payment = await readPaymentIntent(await deps.stripe(), paymentIntentId);
  if (payment === null || payment.customerId === null) return { refused: 'not_found' };
  const owner = (await accountOfCustomer(deps.table, payment.customerId)) ?? payment.accountId;
  if (owner !== accountId) return { refused: 'not_found' };
  if (payment.createdMs >= RELAUNCH_MS) return notCovered('The payment was not made before the relaunch.');
  if (!payment.succeeded) return notCovered('The payment did not succeed.');
  if (payment.refunded >= payment.amount) return notCovered('The payment has been refunded before.');
  return payment.disputed ? notCovered('The payment is or was disputed: its bank decides.') : null;
};

/** R29: what support wants is on record, and a line its account's owner sees, before any money moves. */
const intended = async (deps: BillingDeps, { body, caller }: Asked): Promise<LegacyRefund | Refusal> => {
  const { accountId, paymentIntentId, reason } = body;
  const known = await readLegacyRefund(deps.table, accountId, paymentIntentId);
  if (known !== null) return known;
  const refusal = await refusalOf(deps, body);
  if (refusal !== null) return refusal;
  const actor = caller.sub;
  await changePaid(deps, accountId, async (account, _, askedAtMs) => {
    if ((await readLegacyRefund(deps.table, accountId, paymentIntentId)) !== null) return null;
    const line = { atMs: askedAtMs, kind: 'refund', changes: [], reason, actor, payment: paymentIntentId } as const;
    const intent = { accountId, paymentIntentId, reason, actor, askedAtMs, refund: null };
    return { ...record(account, line), rows: [legacyRow(intent)] };
  });
  const intent = await readLegacyRefund(deps.table, accountId, paymentIntentId);
  if (intent === null) throw new Error('a refund was meant and not written');
  return intent;
};

/** R20: credits of the payment's purchase that are out of its grant since its money went back. */
const takenBack = async (
  { table, now }: BillingDeps,
  { accountId, paymentIntentId }: LegacyRefund,
): Promise<number> => {
  const payment = await readPayment(table, paymentIntentId);
  const purchase = payment === null ? null : await readPurchase(table, payment.key);
  if (purchase === null) return 0;
  const { account } = await viewAccount(table, accountId, now());
  return account.grants.find(({ id }) => id === purchase.grantId)?.back?.taken ?? 0;
};

const shown = ({ accountId, paymentIntentId, refund }: LegacyRefund): Refunded => {
  if (refund === null) throw new Error('a refund was made without a record');
  const { refundedAtMs, ...rest } = refund;
  return { accountId, paymentIntentId, ...rest, refundedAt: iso(refundedAtMs) };
};

/**
 * R28: the money of a payment of before the relaunch goes back through Stripe, once, and what is left of its credits goes. Refuses with
 * `not_found` a payment that is not the account's, `refund_not_covered` with why, `idempotency_mismatch` another reason.
 */
export const legacyRefund = async (deps: BillingDeps, asked: Asked): Promise<Refunded | Refusal> => {
  const intent = await intended(deps, asked);
  if ('refused' in intent) return intent;
  if (intent.reason !== asked.body.reason) return { refused: 'idempotency_mismatch' };
  if (intent.refund !== null) return shown(intent);
  const nowMs = deps.now();
  const back = await refundOnce(await deps.stripe(), intent.paymentIntentId, nowMs);
  if (back === null) return notCovered('Stripe does not refund the payment any more.');
  if (back.fact !== null) await applyFact(deps, back.fact);
  const { refundId, amount, currency } = back;
  const creditsTakenBack = await takenBack(deps, intent);
  const refund = { refundId, amount, currency, creditsTakenBack, refundedAtMs: nowMs };
  return shown(await finishLegacyRefund(deps.table, { ...intent, refund }));
};
