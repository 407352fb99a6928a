import { DAY, iso } from './api.ts';
import type { Scene } from './good-requests.ts';
import { invalid, type Row } from './refusal-table.ts';

type Body = Readonly<Record<string, unknown>>;

const at = (path: string, bodies: readonly Body[]): Row[] =>
  bodies.map((body) => ({ it: JSON.stringify(body).slice(0, 80), asked: { body }, ...invalid, paths: [path] }));

const field = (name: string, values: readonly string[], others: Body = {}): Row[] =>
  at(
    name,
    values.map((value) => ({ ...others, [name]: value })),
  );

const NO_PLANS = ['platinum', '__proto__', 'constructor', 'toString', 'FREE', 'free ', 'starter\u0000', '\ud800'];
/** In the catalog, and yet not for sale. */
const UNSOLD = ['free', 'enterprise', 'pack-500', ...NO_PLANS];
const NO_CONTACTS = ['ann', '@', 'ann@', '@example.com', 'a b@example.com', 'a@b@c', `${'a'.repeat(101)}@example.com`];

const notFound = { status: 404, code: 'not_found' } as const;

const strayPayments = ({ ann, bob, payment, foreignPayment }: Scene): Row[] => {
  const strays: readonly (readonly [it: string, accountId: string, paymentIntentId: string])[] = [
    ['one that never was', ann.sub, 'pi_none'],
    ['another kind of id', ann.sub, 'cus_none'],
    ['a key that everything has', ann.sub, '__proto__'],
    ['another account’s', ann.sub, foreignPayment],
    ['for another account', bob.sub, payment],
    ['for an account that never was', 'nobody', payment],
    ['in capitals', ann.sub, payment.toUpperCase()],
  ];
  return strays.map(([it, accountId, paymentIntentId]) => ({
    it,
    asked: { body: { accountId, paymentIntentId, reason: 'x' } },
    ...notFound,
  }));
};

/** What is right in each field and wrong as a whole, or names what is not there: for each operation that has such a thing. */
export const wrongWholes = (scene: Scene, nowMs: number): Readonly<Record<string, readonly Row[]>> => ({
  settleRun: at('$', [{ credits: 1, usage: {} }, { receipt: scene.held.receipt }, {}]),
  putPreferences: at('$', [{}]),
  assignPlan: field('planId', NO_PLANS, { reason: 'x' }),
  grantCredits: field('expiresAt', [nowMs, nowMs - 1, nowMs - 400 * DAY, 0].map(iso).concat('0000-01-01T00:00:00Z'), {
    credits: 5,
    reason: 'x',
  }),
  createCheckout: [
    ...at('$', [{}, { planId: 'starter', packId: 'pack-500' }]),
    ...field('planId', UNSOLD),
    ...field('packId', ['starter', 'pack-501', 'PACK-500', 'pack-500\n', '__proto__', 'constructor']),
  ],
  changePlan: field('planId', UNSOLD),
  requestQuote: [
    ...at('$', [
      Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`field${index}`, index])),
      { message: 'm'.repeat(4000), more: 'm'.repeat(4200) },
    ]),
    ...field('contact', NO_CONTACTS),
  ],
  refundLegacy: strayPayments(scene),
});
