import * as z from 'zod/mini';

/** Says something, and can be stored: DynamoDB refuses a text with half of a surrogate pair. */
export const WORDS = /^(?=[\s\S]*\S)\P{Cs}*$/u;

/** Why something was done, in a person's words. */
export const reason = z.string().check(z.minLength(1), z.maxLength(200), z.regex(WORDS));
