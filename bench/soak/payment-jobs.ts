import * as z from 'zod/mini';
import { again } from './repeated.ts';
import type { Scene, Shift } from './scene.ts';

const session = z.object({ customer: z.string(), paymentIntentId: z.nullable(z.string()) });
const dispute = z.object({ id: z.string() });
const happened = z.object({ events: z.array(z.object({ id: z.string() })) });

/** The customer's side of Stripe; `null` where the stand-in refuses, as Stripe would: paid by another at the same time, refunded already. */
const control = async ({ api, tally }: Scene, method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
  const reply = await api.system.request(method, `/local/stripe/${path}`, body === undefined ? {} : { body });
  if (reply.status >= 500) tally.breach(`${method} /local/stripe/${path}: ${reply.status} ${reply.text}`);
  return reply.status === 200 ? reply.body : null;
};

const checkout = (shift: Shift, body: { planId: string } | { packId: string }) =>
  again(shift, () => shift.owner.credits.POST('/v1/billing/checkout', { body }));

const pay = async (shift: Shift, sessionId: string, outcome: 'paid' | 'declined' | 'paid_later') => {
  const body = await control(shift, 'POST', `checkout/${sessionId}/pay`, { outcome });
  if (body === null) return null;
  const paid = session.parse(body);
  shift.told.customers.set(paid.customer, shift.owner);
  return outcome === 'paid' ? paid.paymentIntentId : null;
};

/** A pack is bought; some are declined, or paid only a day later. */
export const buyPack = async (shift: Shift): Promise<void> => {
  const { api, owner, told, chance, between } = shift;
  const pack = api.pricing.packs[between(0, api.pricing.packs.length - 1)];
  if (pack === undefined) return;
  const { data } = await checkout(shift, { packId: pack.id });
  if (data === undefined) return;
  const how = chance();
  const outcome = how < 0.7 ? 'paid' : how < 0.85 ? 'declined' : 'paid_later';
  const paymentIntentId = await pay(shift, data.sessionId, outcome);
  if (paymentIntentId !== null) told.paid.push({ owner, paymentIntentId, credits: pack.credits });
};

/** Money goes back, in part or in whole, or is disputed and the dispute decided. */
export const moneyBack = async (shift: Shift): Promise<void> => {
  const { told, chance, between, pause } = shift;
  const { paymentIntentId } = told.paid[between(0, told.paid.length - 1)] ?? {};
  if (paymentIntentId === undefined) return;
  if (chance() < 0.7) {
    const amount = chance() < 0.5 ? { amount: between(1, 400) } : {};
    await control(shift, 'POST', 'refunds', { paymentIntentId, ...amount });
    return;
  }
  const opened = await control(shift, 'POST', 'disputes', { paymentIntentId });
  if (opened === null) return;
  await pause(2000);
  const outcome = chance() < 0.5 ? 'won' : 'lost';
  await control(shift, 'POST', `disputes/${dispute.parse(opened).id}/close`, { outcome });
};

/** A plan is bought, changed, cancelled or resumed; a card begins to fail, or is mended. */
export const plan = async (shift: Shift): Promise<void> => {
  const { api, owner, told, chance, between } = shift;
  const sold = api.pricing.plans.filter(({ price }) => price !== null);
  const planId = sold[between(0, sold.length - 1)]?.id ?? 'pro';
  const { credits } = owner;
  const does = chance();
  if (does < 0.35) {
    const { data } = await checkout(shift, { planId });
    if (data !== undefined) await pay(shift, data.sessionId, chance() < 0.9 ? 'paid' : 'declined');
  } else if (does < 0.6) await credits.POST('/v1/billing/change-plan', { body: { planId } });
  else if (does < 0.7) await credits.POST('/v1/billing/cancel', { body: {} });
  else if (does < 0.85) await credits.POST('/v1/billing/resume', { body: {} });
  else {
    const [customer] = [...told.customers].find(([, who]) => who === owner) ?? [];
    const nextPayment = chance() < 0.3 ? 'fails' : 'succeeds';
    if (customer !== undefined) await control(shift, 'PUT', `customers/${customer}`, { nextPayment });
  }
};

/** Stripe sends the latest events once more: twice each, in any order, all at once (R17). */
export const redeliver = async (shift: Shift): Promise<void> => {
  const all = await control(shift, 'GET', 'events');
  if (all === null) return;
  const eventIds = happened
    .parse(all)
    .events.slice(-20)
    .map(({ id }) => id);
  await control(shift, 'POST', 'webhooks/redeliver', { eventIds, times: 2, order: 'shuffled', concurrently: true });
};
