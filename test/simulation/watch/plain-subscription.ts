import type { Account, Share } from '../../../lib/domain/account.ts';
import type { Entry } from '../../../lib/domain/entry.ts';
import { DAY_MS } from '../../../lib/domain/time.ts';
import { monthsLater } from '../../domain/plain-calendar.ts';
import type { PlainPlan } from '../../domain/plain-lots.ts';
import type { PlainModel } from '../../domain/plain-model.ts';
import { PlainPurchase } from '../../domain/plain-purchase.ts';

/** A period as Stripe was paid for it. */
export interface PeriodBought {
  readonly subscriptionId: string;
  readonly planId: string;
  readonly anchorMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** A purchase whose money goes back as the account has heard so far; what it has heard in the end is looked at by `payments-true`. */
class HeardPurchase extends PlainPurchase {
  share: Share | null = null;

  override dueOf(size: number): number {
    if (this.share === null) return 0;
    const { out, paid, frozen } = this.share;
    return frozen ? size : Math.floor((size * Math.min(out, paid)) / paid);
  }
}

/** Whole months from an anchor to an instant, give or take a day: Stripe counts in seconds. */
const monthsTo = (anchorMs: number, atMs: number): number => {
  let months = 0;
  while (monthsLater(anchorMs, months + 1) <= atMs + DAY_MS) months++;
  return months;
};

/** What a paid subscription's words do to the plain model, as Stripe has them: amounts and ends are the model's own affair. */
export const followSubscription = (
  model: PlainModel,
  planOf: (id: string) => PlainPlan,
  bought: (paymentId: string) => PeriodBought | null,
) => {
  let heard = new HeardPurchase();
  let running: string | null = null;

  const begun = (period: PeriodBought): void => {
    const { subscriptionId, planId, anchorMs, startMs, endMs } = period;
    running = subscriptionId;
    heard = new HeardPurchase();
    const [step, lastStep] = [monthsTo(anchorMs, startMs), monthsTo(anchorMs, endMs)];
    const of = { anchor: anchorMs, step, lastStep, began: startMs, until: endMs };
    model.pay({ ...of, plan: planOf(planId), purchase: heard });
  };

  /** One line of the account, the model having walked to its instant. */
  const told = ({ kind, reason, payment }: Entry): void => {
    if (reason === 'subscription_ended') {
      if (model.cycle?.paid?.waitsUntil != null) model.stop();
      return;
    }
    const period = payment === undefined ? null : bought(payment);
    if (period === null) return;
    // A period of another subscription is no upgrade of this one, whatever it is told as.
    const begins = reason === 'subscription_started' || reason === 'billing_cycle';
    const changes = reason === 'plan_changed' && kind === 'adjustment';
    if (begins || (changes && period.subscriptionId !== running)) begun(period);
    else if (changes) model.upgrade(planOf(period.planId), null);
  };

  /** What leaves no line: whether it renews, and what of its money has gone. */
  const noted = ({ cycle }: Account): void => {
    const paid = model.cycle?.paid;
    if (cycle?.paid === undefined || paid === undefined) return;
    const { renews, nextPlanId, share } = cycle.paid;
    [paid.renews, paid.next] = [renews, nextPlanId === null ? null : planOf(nextPlanId)];
    if (JSON.stringify(share) === JSON.stringify(heard.share)) return;
    heard.share = share;
    const lot = model.monthsLot();
    if (lot !== null) model.shrink(lot, heard);
  };

  return { told, noted };
};

export type SubscriptionFollower = ReturnType<typeof followSubscription>;
