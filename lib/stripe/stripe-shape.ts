import * as z from 'zod/mini';
import type { Fault } from '../domain/refusal.ts';
import { SECOND_MS } from '../domain/time.ts';
import { faultsOf } from '../schema/faults.ts';

/**
 * An object of Stripe's, of a kind that matters here, that is not as API 2026-10-28.endive describes it: a webhook endpoint set to another
 * version, most likely. Names places, never values.
 */
export class UnknownShape extends Error {
  override readonly name = 'UnknownShape';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ path, message }) => `${path} ${message}`).join('; '));
    this.faults = faults;
  }
}

/** What is used of an object, checked: the types of the SDK say what Stripe should send, not what came. Throws `UnknownShape`. */
export const shaped = <T>(shape: z.ZodMiniType<T>, at: string, object: unknown): T => {
  const parsed = shape.safeParse(object);
  if (!parsed.success) throw new UnknownShape(faultsOf(parsed.error.issues, at));
  return parsed.data;
};

/**
 * An id, or a word of Stripe's own: 255 characters at most (https://docs.stripe.com/upgrades).
 * A longer one could be no key of a table, and half of a surrogate pair cannot be stored.
 */
export const text = z.string().check(z.maxLength(255, 'must be at most 255 characters'), z.regex(/^\P{Cs}+$/u));
/** Money in the currency's smallest unit. */
export const money = z.int();
/** The last second with a year of four digits: an instant is shown with no other. */
const LAST_S = Date.UTC(9999, 11, 31, 23, 59, 59) / SECOND_MS;
/** Stripe counts seconds. */
export const instant = z.pipe(
  z.int().check(z.gte(0), z.lte(LAST_S)),
  z.transform((seconds) => seconds * SECOND_MS),
);
/** A reference to another object: its id, or the object itself where it was asked for. */
export const reference = z.pipe(
  z.union([text, z.object({ id: text })]),
  z.transform((given) => (typeof given === 'string' ? given : given.id)),
);
