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

export const text = z.string();
/** Money in the currency's smallest unit. */
export const money = z.int();
/** Stripe counts seconds. */
export const instant = z.pipe(
  z.int(),
  z.transform((seconds) => seconds * SECOND_MS),
);
/** A reference to another object: its id, or the object itself where it was asked for. */
export const reference = z.pipe(
  z.union([text, z.object({ id: text })]),
  z.transform((given) => (typeof given === 'string' ? given : given.id)),
);
