import fc from 'fast-check';
import { type Auditing, auditPart, type Checked } from '../../lambdas/schedulers/audit/audit.ts';
import { type Audited, auditAccount, auditPurchase } from '../../lambdas/schedulers/audit/audit-account.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { Subscription } from '../../lib/domain/billing.ts';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import type { PaymentDeps } from '../../lib/payments/payment-deps.ts';
import { changeBilling } from '../../lib/store/billing.ts';
import { customerRow, orderRow } from '../../lib/store/billing-row.ts';
import { stoppingAfter } from '../faulty-client.ts';
import { World } from '../world.ts';

export type Deed =
  | { readonly what: 'hold'; readonly credits: number; readonly seconds: number }
  | { readonly what: 'settle' | 'crash' | 'fail' | 'extend' | 'refund'; readonly run: number; readonly credits: number }
  | { readonly what: 'grant'; readonly credits: number; readonly lives: number }
  | { readonly what: 'support plan'; readonly planId: string }
  | { readonly what: 'pack' }
  | { readonly what: 'pack refund'; readonly pack: number; readonly amount: number; readonly fails: boolean }
  | { readonly what: 'pack dispute'; readonly pack: number; readonly state: 'open' | 'won' | 'lost' }
  | { readonly what: 'renewal'; readonly upgrade: boolean }
  | { readonly what: 'renewal refund'; readonly amount: number };

export interface Step {
  readonly waitMs: number;
  readonly deed: Deed;
}

const waitMs = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: HOUR_MS }) },
  { weight: 2, arbitrary: fc.integer({ min: HOUR_MS, max: 30 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(MINUTE_MS, 12 * HOUR_MS, DAY_MS, 31 * DAY_MS, 190 * DAY_MS) },
);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('hold' as const),
      credits: fc.integer({ min: 1, max: 300 }),
      seconds: fc.constantFrom(60, 3600, 86_400),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom('settle' as const, 'crash' as const, 'fail' as const, 'extend' as const, 'refund' as const),
      run: fc.nat(3),
      credits: fc.integer({ min: 0, max: 320 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('grant' as const),
      credits: fc.integer({ min: 1, max: 50 }),
      lives: fc.constantFrom(HOUR_MS, DAY_MS, 5 * DAY_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('support plan' as const), planId: fc.constantFrom('free', 'starter') }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('pack' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('pack refund' as const),
      pack: fc.nat(1),
      amount: fc.integer({ min: 1, max: 500 }),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('pack dispute' as const),
      pack: fc.nat(1),
      state: fc.constantFrom('open' as const, 'won' as const, 'lost' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('renewal' as const), upgrade: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('renewal refund' as const), amount: fc.integer({ min: 1, max: 1500 }) }),
  },
);

export const history: fc.Arbitrary<Step[]> = fc.array(fc.record({ waitMs, deed }), { minLength: 4, maxLength: 18 });

const PRICES = [
  { item: 'starter', priceId: 'price_starter', amount: 1500, currency: 'usd' },
  { item: 'pro', priceId: 'price_pro', amount: 4900, currency: 'usd' },
  { item: 'pack-500', priceId: 'price_pack', amount: 500, currency: 'usd' },
];

/** A world in which things are bought too, told of by facts as webhooks bring them. */
export const openAuditWorld = async () => {
  const world = await World.open();
  const { table } = world.deps;
  let made = 0;
  /** When each account's period ends, and how many it has had. */
  const periods = new Map<string, { startMs: number; endMs: number; price: (typeof PRICES)[number] }>();

  const subscription = (accountId: string): Subscription => {
    const { startMs = world.nowMs, endMs = world.nowMs, price } = periods.get(accountId) ?? {};
    return {
      id: `sub_${accountId}`,
      itemId: 'si',
      priceId: price?.priceId ?? 'price_starter',
      status: 'active',
      renews: true,
      createdMs: startMs,
      anchorMs: startMs,
      periodStartMs: startMs,
      periodEndMs: endMs,
      scheduleId: null,
      asOfMs: world.nowMs,
    };
  };
  const deps: PaymentDeps = {
    table,
    catalog,
    prices: PRICES,
    now: () => world.nowMs,
    ask: {
      subscription: async (id) => ({
        customerId: id.replace('sub_', 'cus_'),
        subscription: subscription(id.replace('sub_', '')),
      }),
      paidBy: async () => [],
      undo: async () => undefined,
    },
  };
  const tell = (fact: PaymentFact) => applyFact(deps, fact);
  const packs = new Map<string, string[]>();
  const invoices = new Map<string, string[]>();

  const customer = (accountId: string) => `cus_${accountId}`;
  const registered = (accountId: string) =>
    changeBilling(table, accountId, (billing) => ({
      billing: { ...billing, customerId: customer(accountId) },
      rows: [customerRow(customer(accountId), accountId)],
    }));

  /** Buys a pack of 500 credits for 500 cents; answers with its payment. */
  const buyPack = async (accountId: string): Promise<string> => {
    await registered(accountId);
    const [id, paymentId] = [`order-${++made}`, `pi_${made}`];
    const order = {
      id,
      accountId,
      item: { kind: 'pack', id: 'pack-500', credits: 500 },
      priceId: 'price_pack',
      amount: 500,
      currency: 'usd',
      createdMs: world.nowMs,
      sessionId: null,
    } as const;
    await changeBilling(table, accountId, (billing) => ({ billing, rows: [orderRow(order)] }));
    const paid = { orderId: id, paymentId, subtotal: 500, amount: 500, currency: 'usd', paidAtMs: world.nowMs };
    await tell({ fact: 'pack_paid', customerId: customer(accountId), ...paid });
    packs.set(accountId, [...(packs.get(accountId) ?? []), paymentId]);
    return paymentId;
  };

  /** Pays for a month of starter: the next one, or the first; an upgrade pays for the rest of the running one on pro. */
  const payPeriod = async (accountId: string, upgrade: boolean): Promise<string> => {
    await registered(accountId);
    const running = periods.get(accountId);
    const isRunning = running !== undefined && running.endMs - DAY_MS > world.nowMs;
    const proration = upgrade && isRunning;
    const [starter, pro] = PRICES;
    const price = (proration ? pro : (running?.price ?? starter)) ?? PRICES[0];
    if (price === undefined) throw new Error('no price');
    const startMs = proration || !isRunning ? world.nowMs : running.endMs;
    const endMs = proration ? running.endMs : startMs + 30 * DAY_MS;
    periods.set(accountId, { startMs: running?.startMs ?? startMs, endMs, price });
    const paymentId = `in_${++made}`;
    await tell({
      fact: 'period_paid',
      customerId: customer(accountId),
      subscriptionId: `sub_${accountId}`,
      paymentId,
      priceId: price.priceId,
      subtotal: price.amount,
      proration,
      amount: price.amount,
      currency: 'usd',
      startMs,
      endMs,
      paidAtMs: world.nowMs,
    });
    invoices.set(accountId, [...(invoices.get(accountId) ?? []), paymentId]);
    return paymentId;
  };

  const refund = (paymentId: string, amount: number, failed = false) =>
    tell({
      fact: 'refund',
      paymentId,
      refundId: `re_${++made}`,
      amount,
      failedAtMs: failed ? world.nowMs : null,
    });

  const runs = new Map<string, string[]>();
  const act = async (accountId: string, todo: Deed): Promise<void> => {
    const own = runs.get(accountId) ?? [];
    switch (todo.what) {
      case 'hold': {
        const answer = await world.approve(accountId, await world.quote(accountId, todo.credits), todo.seconds);
        if (!isRefusal(answer)) runs.set(accountId, [...own, answer.runId]);
        return;
      }
      case 'settle':
      case 'crash':
      case 'fail':
      case 'extend':
      case 'refund': {
        const run = own.at(-1 - todo.run);
        if (run === undefined) return;
        if (todo.what === 'settle') await world.settle(run, todo.credits);
        if (todo.what === 'fail') await world.fail(run);
        if (todo.what === 'extend') await world.extend(run, 60 * (1 + todo.credits));
        if (todo.what === 'refund') await world.refund(run);
        if (todo.what === 'crash') {
          const dying = world.through(stoppingAfter('PutItemCommand'));
          await world.settle(run, todo.credits, undefined, dying).catch(() => undefined);
        }
        return;
      }
      case 'grant':
        await world.grant(accountId, todo.credits, new Date(world.nowMs + todo.lives).toISOString());
        return;
      case 'support plan':
        if (!periods.has(accountId)) await world.plan(accountId, todo.planId);
        return;
      case 'pack':
        await buyPack(accountId);
        return;
      case 'pack refund': {
        const payment = packs.get(accountId)?.at(-1 - todo.pack);
        if (payment !== undefined) await refund(payment, todo.amount, todo.fails);
        return;
      }
      case 'pack dispute': {
        const payment = packs.get(accountId)?.at(-1 - todo.pack);
        if (payment === undefined) return;
        const { state } = todo;
        const dispute = { paymentId: payment, disputeId: `dp_${payment}`, amount: 500, state, asOfMs: world.nowMs };
        await tell({ fact: 'dispute', ...dispute });
        return;
      }
      case 'renewal':
        await payPeriod(accountId, todo.upgrade);
        return;
      case 'renewal refund': {
        const payment = invoices.get(accountId)?.at(-1);
        if (payment !== undefined) await refund(payment, todo.amount);
      }
    }
  };

  /** What a check of everything finds, and counts. */
  const auditAll = async (parts = 1, more: Partial<Auditing> = {}) => {
    const found: Audited[] = [];
    const failed: unknown[] = [];
    const all: Checked[] = [];
    for (let part = 0; part < parts; part++) {
      const deps: Auditing = {
        table,
        hasTime: () => true,
        drifted: (audited) => void found.push(audited),
        failed: (what, fault) => void failed.push([what, String(fault)]),
        ...more,
      };
      all.push(await auditPart(deps, { part, of: parts }));
    }
    return { found, failed, all };
  };

  return {
    world,
    table,
    tell,
    act,
    buyPack,
    payPeriod,
    refund,
    auditAll,
    audit: (accountId: string) => auditAccount(table, accountId),
    auditPurchase: (key: string) => auditPurchase(table, key),
  };
};

export type AuditWorld = Awaited<ReturnType<typeof openAuditWorld>>;
