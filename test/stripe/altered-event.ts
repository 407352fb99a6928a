import Stripe from 'stripe';
import * as z from 'zod/mini';

const SECRET = 'whsec_altered';
const object = z.record(z.string(), z.unknown());

const put = (value: unknown, [step, ...rest]: readonly string[], to: unknown): unknown => {
  if (step === undefined) return to;
  if (Array.isArray(value)) return value.map((one, at) => (String(at) === step ? put(one, rest, to) : one));
  const { [step]: before, ...others } = object.parse(value ?? {});
  const after = put(before, rest, to);
  return after === undefined ? others : { ...others, [step]: after };
};

/** The same event as it would come with something else at each path; `undefined` takes it out. Signed and read as Stripe's. */
export const altered = (event: Stripe.Event, changes: Readonly<Record<string, unknown>>): Stripe.Event => {
  const changed = Object.entries(changes).reduce<unknown>(
    (value, [path, to]) => put(value, path.split('.'), to),
    JSON.parse(JSON.stringify(event)),
  );
  const payload = JSON.stringify(changed);
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET });
  return Stripe.webhooks.constructEvent(payload, header, SECRET);
};
