import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * An id such as Stripe gives: `in_1a2B…`. Random, never counted: the stand-in's data may be thrown away while the ledger's stays, and an id
 * that came again would look like a payment already granted.
 */
export const newId = (prefix: string): string =>
  `${prefix}_${Array.from(randomBytes(24), (byte) => DIGITS[byte % DIGITS.length]).join('')}`;
