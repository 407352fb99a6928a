import * as z from 'zod/mini';

/** Up to so many characters that say something and can be stored: DynamoDB refuses a text with half of a surrogate pair. */
export const words = (most: number): RegExp => new RegExp(`^(?=[\\s\\S]*\\S)\\P{Cs}{1,${most}}$`, 'u');

/** Why something was done, in a person's words. */
export const reason = z.string().check(z.regex(words(200)));
