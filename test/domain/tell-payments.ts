import type { Account } from '../../lib/domain/account.ts';
import { addGrant, andThen, type Step } from '../../lib/domain/give-back.ts';
import { givenAndGone } from '../../lib/domain/given-and-gone.ts';
import { newPayment, type Purchase, shareOf, withDispute, withRefund } from '../../lib/domain/purchase.ts';
import {
  type BoughtPeriod,
  isPast,
  passPeriod,
  setRenewal,
  sharePeriod,
  startPeriod,
  stopSubscription,
  upgradePeriod,
} from '../../lib/domain/subscription.ts';
import { dueBack, noteShortfall, takeBack } from '../../lib/domain/take-back.ts';
import { CATALOG, PLANS } from './account-samples.ts';
import type { Driver } from './driver.ts';
import type { Pays } from './payment-commands.ts';
import { monthsLater } from './plain-calendar.ts';
import type { Lot, PlainPlan } from './plain-lots.ts';
import type { PlainModel } from './plain-model.ts';
import { PlainPurchase } from './plain-purchase.ts';

/** One thing paid for, in the plain model's words and in the core's. */
interface Bought {
  readonly plain: PlainPurchase;
  /** A pack's. */
  readonly lot: Lot | null;
  core: Purchase;
}

interface Tellings {
  readonly plain: PlainModel;
  readonly drivers: readonly Driver[];
  readonly planOf: (id: keyof typeof PLANS) => PlainPlan;
  readonly walkTo: (instant: number) => void;
}

/** Odd amounts, so that shares are rounded. */
const PRICES = { small: 997, big: 2503, pack: 499, upgrade: 1501 } as const;

/** What Stripe tells, done to the plain model and to the core as `lib/payments` does it. */
export class TellPayments {
  readonly #tellings: Tellings;
  readonly #bought: Bought[] = [];
  /** Each word of Stripe's has its own second. */
  #word = 0;

  constructor(tellings: Tellings) {
    this.#tellings = tellings;
  }

  happen(pays: Pays): void {
    const { plain } = this.#tellings;
    switch (pays.what) {
      case 'buyPack':
        this.buyPack(pays.credits, plain.now + pays.lasts);
        break;
      case 'subscribe': {
        // Another subscription beside one that is paid for is the later one.
        const running = plain.cycle?.paid;
        const start = running === undefined ? plain.now - pays.lateMs : Math.max(plain.now, running.began);
        this.payPeriod(pays.planId, start, { anchor: start, step: 0, months: pays.months, skewMs: 0 });
        break;
      }
      case 'renew':
        this.renew(pays);
        break;
      case 'upgrade':
        this.upgrade(pays.toYear);
        break;
      case 'renewal':
        this.setRenewal(pays);
        break;
      case 'renewalComes':
        if (pays.renewal !== null) this.setRenewal(pays.renewal);
        if (plain.cycle?.paid !== undefined) this.#tellings.walkTo(plain.cycle.paid.until + pays.off);
        break;
      case 'stop':
        plain.stop();
        this.pay((account, nowMs) => stopSubscription(account, CATALOG, nowMs));
        break;
      default:
        this.moneyBack(pays);
    }
  }

  private pay(decide: (account: Account, nowMs: number) => Step): void {
    for (const driver of this.#tellings.drivers) driver.pay((account) => decide(account, driver.nowMs));
  }

  private setRenewal({ renews, nextPlanId }: Omit<Extract<Pays, { what: 'renewal' }>, 'what'>): void {
    const { plain, planOf } = this.#tellings;
    const paid = plain.cycle?.paid;
    if (paid === undefined) return;
    [paid.renews, paid.next] = [renews, nextPlanId === null ? null : planOf(nextPlanId)];
    this.pay((account) => ({ account: setRenewal(account, { renews, nextPlanId }), entries: [] }));
  }

  private purchase(key: string, credits: number, amount: number): Bought {
    const plain = new PlainPurchase();
    plain.pay(amount);
    const payments = { 0: newPayment(amount) };
    return { plain, lot: null, core: { key, accountId: 'ann', grantId: null, credits, payments } };
  }

  private buyPack(credits: number, expiresAtMs: number): void {
    const { plain, drivers } = this.#tellings;
    const bought = this.purchase(`pack:${this.#bought.length}`, credits, PRICES.pack);
    const grant = { kind: 'pack', granted: credits, expiresAtMs } as const;
    const lot = expiresAtMs > plain.now ? plain.begin('pack', credits, expiresAtMs) : null;
    const grantId = drivers[0]?.touch().nextOrdinal ?? null;
    this.pay((account, atMs) =>
      expiresAtMs > atMs
        ? addGrant(account, grant, { atMs, kind: 'grant', reason: 'test' })
        : givenAndGone(account, grant, { atMs, reason: 'test' }),
    );
    this.#bought.push({ ...bought, lot, core: { ...bought.core, grantId } });
  }

  /** Each period's end is paid for once, as `lib/payments` keys it. */
  private payPeriod(
    planId: 'small' | 'big',
    startMs: number,
    of: { readonly anchor: number; readonly step: number; readonly months: 1 | 12; readonly skewMs: number },
  ): void {
    const { plain, planOf } = this.#tellings;
    const lastStep = of.step + of.months;
    const endMs = monthsLater(of.anchor, lastStep) + of.skewMs;
    if (this.#bought.some(({ core }) => core.period?.endMs === endMs)) return;
    const plan = planOf(planId);
    const bought = this.boughtPeriod(endMs, plan.perCycle, PRICES[planId] * of.months);
    const { anchor, step } = of;
    plain.pay({ anchor, step, plan, purchase: bought.plain, lastStep, began: startMs, until: endMs });
    const period: BoughtPeriod = { plan: PLANS[planId], anchorMs: of.anchor, startMs, endMs, payment: 'in' };
    this.pay((account, nowMs) =>
      isPast(account, period) ? passPeriod(account, period, nowMs) : startPeriod(account, period, nowMs),
    );
  }

  private boughtPeriod(endMs: number, credits: number, amount: number): Bought {
    const bought = this.purchase(`period:${endMs}`, credits, amount);
    const period = { subscriptionId: 'sub', planId: 'small', endMs, levelMs: 0 };
    const made = { ...bought, core: { ...bought.core, period } };
    this.#bought.push(made);
    return made;
  }

  private renew({ afterMs, months, skewMs }: Extract<Pays, { what: 'renew' }>): void {
    const { plain, walkTo } = this.#tellings;
    const before = plain.cycle?.paid;
    if (before === undefined) return;
    walkTo(before.until + afterMs);
    const { cycle } = plain;
    if (cycle?.paid?.purchase !== before.purchase) return;
    const planId = plain.plan.id === 'big' ? 'big' : 'small';
    this.payPeriod(planId, before.until, { anchor: cycle.anchor, step: before.lastStep, months, skewMs });
  }

  private upgrade(toYear: boolean): void {
    const { plain, planOf } = this.#tellings;
    const paid = plain.cycle?.paid;
    if (paid === undefined || (toYear && paid.waitsUntil !== null)) return;
    const bought = this.#bought.find((each) => each.plain === paid.purchase);
    const endMs = toYear ? monthsLater(plain.now, 12) : paid.until;
    if (bought === undefined || (toYear && this.#bought.some(({ core }) => core.period?.endMs === endMs))) return;
    const plan = planOf('big');
    const made = toYear ? this.boughtPeriod(endMs, plan.perCycle, PRICES.big * 12) : bought;
    if (!toYear) {
      made.plain.pay(PRICES.upgrade);
      const id = Object.keys(made.core.payments).length;
      const payments = { ...made.core.payments, [id]: newPayment(PRICES.upgrade) };
      made.core = { ...made.core, credits: plan.perCycle, payments };
    }
    plain.upgrade(plan, toYear ? made.plain : null);
    const anchorMs = plain.cycle?.anchor ?? plain.now;
    const period = { plan: PLANS.big, anchorMs, startMs: plain.now, endMs, payment: 'in' };
    const share = shareOf(made.core);
    this.pay((account, atMs) =>
      andThen(upgradePeriod(account, period, atMs), (grown) =>
        share.out > 0 || share.frozen
          ? sharePeriod(grown, share, { atMs, reason: 'test' })
          : { account: grown, entries: [] },
      ),
    );
  }

  private moneyBack(pays: Extract<Pays, { of: number }>): void {
    const bought = this.#bought.at(-1 - pays.of) ?? this.#bought.at(-1);
    if (bought === undefined) return;
    const before = bought.core;
    const id = 'payment' in pays && pays.payment < bought.plain.payments.length ? pays.payment : 0;
    const payment = bought.plain.payments[id];
    if (payment === undefined) return;
    this.#word += 1;
    const { refunds, disputes } = payment;
    switch (pays.what) {
      case 'moneyBack': {
        const amount = Math.floor((payment.amount * pays.percent) / 100);
        bought.core = withRefund(before, `${id}`, `r${refunds.length}`, { amount, failedAtMs: null });
        refunds.push({ amount, failed: false });
        break;
      }
      case 'moneyBackFails': {
        const refund = refunds[pays.refund];
        if (refund === undefined) return;
        const heard = { amount: refund.amount, failedAtMs: this.#word };
        bought.core = withRefund(before, `${id}`, `r${pays.refund}`, heard);
        refund.failed = true;
        break;
      }
      case 'dispute': {
        const amount = Math.floor((payment.amount * pays.percent) / 100);
        const heard = { amount, state: 'open', asOfMs: this.#word } as const;
        bought.core = withDispute(before, `${id}`, `d${disputes.length}`, heard);
        disputes.push({ amount, state: 'open' });
        break;
      }
      case 'disputeEnds': {
        const dispute = disputes[pays.dispute];
        if (dispute === undefined) return;
        dispute.state = pays.won ? 'won' : 'lost';
        const heard = { amount: dispute.amount, state: dispute.state, asOfMs: this.#word };
        bought.core = withDispute(before, `${id}`, `d${pays.dispute}`, heard);
      }
    }
    this.shrink(bought, before);
  }

  private shrink({ plain: purchase, lot, core }: Bought, before: Purchase): void {
    const { plain } = this.#tellings;
    const running = plain.cycle?.paid?.purchase === purchase ? plain.monthsLot() : null;
    for (const each of [lot, running]) if (each !== null) plain.shrink(each, purchase);
    const share = shareOf(core);
    this.pay((account, atMs) => {
      const line = { atMs, reason: 'test' };
      if (core.period !== undefined && account.cycle?.paid?.untilMs === core.period.endMs) {
        return sharePeriod(account, share, line);
      }
      if (core.period === undefined && account.grants.some(({ id }) => id === core.grantId)) {
        return takeBack(account, core.grantId ?? 0, dueBack(core.credits, share), line);
      }
      const shortfall = dueBack(core.credits, share);
      return shortfall === dueBack(core.credits, shareOf(before))
        ? { account, entries: [] }
        : noteShortfall(account, shortfall, line);
    });
  }
}
