import * as z from 'zod/mini';

/** Why something was done, in a person's words. */
export const reason = z.string().check(z.minLength(1), z.maxLength(200), z.regex(/\S/));
