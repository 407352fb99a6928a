import * as z from 'zod/mini';

/** The words every schema of the API is made of. Lengths stand in the patterns: zod's own length checks cost a hot bundle 1 KB. */

/** No single amount a caller names is larger: a number beyond it is a mistake. */
export const MAX_CREDITS = 1_000_000_000;

export const credits = z.int().check(z.gte(0));
export const givenCredits = z.int().check(z.gte(0), z.lte(MAX_CREDITS));
export const count = z.int().check(z.gte(0));
/** An instant as we show it, in UTC. Not `z.iso`, whose other formats would come along into every bundle. */
export const instant = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
/** A tool's own fields: checked by the tool's price, not here. As sent: `z.looseObject` would drop a key `__proto__` unseen. */
export const toolFields = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
/** Printable, so that it can stand in logs, keys and headers. */
export const accountId = z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/));
/** An estimate names every grant it would draw on, in some 80 characters each. */
const TOKEN = /^[\w.-]{1,16384}$/;
export const token = z.string().check(z.regex(TOKEN));
/** Whatever is wrong with one, no more is said than this. */
export const NO_ESTIMATE = 'is not a valid estimate';
export const givenEstimate = z.string().check(z.regex(TOKEN, NO_ESTIMATE));

export const none = z.strictObject({});
export const noQuery = z.object({});
