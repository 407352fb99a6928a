import * as z from 'zod/mini';

/** A whole number from `min` to `max`, both included. One zod object, not four: many are made at every cold start. */
export const whole = (min: number, max: number) =>
  z.custom<number>(
    (value) => typeof value === 'number' && Number.isInteger(value) && min <= value && value <= max,
    orRequired(`must be a whole number from ${min} to ${max}`),
  );

/** One of `choices`, by its exact text. */
export const oneOf = <Choice extends string>(choices: readonly Choice[]) =>
  z.custom<Choice>(
    (value) => choices.some((choice) => choice === value),
    orRequired(`must be one of ${choices.join(', ')}`),
  );

/** Says `message` of a wrong value and "is required" of a missing one. */
export const orRequired = (message: string) => ({
  error: (issue: { readonly input?: unknown }) => (issue.input === undefined ? 'is required' : message),
});
