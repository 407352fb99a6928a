/**
 * `rest` and `restPaid` owe nobody a line at midnight; `restPaid` has a cycle and a pack, which end some other day. `settledLate` has
 * spent like `spent`, and so late that the bound of its last hold still stands: it is due an hour before midnight too, for nothing.
 */
const ENDING = ['monthEnds', 'yearlyStepEnds', 'packExpires', 'holdLapses', 'holdStaysOpen', 'settledLate'] as const;
export type MemberKind = 'rest' | 'restPaid' | 'spent' | (typeof ENDING)[number];

export const isDue = (kind: MemberKind): boolean => kind !== 'rest' && kind !== 'restPaid';

/** Of so many accounts, so many have one of each thing end, and so many rest though they pay. */
const CYCLE = 10_000;
const EACH = 100;
const REST_PAID = 500;
const OTHERS = CYCLE - ENDING.length * EACH - REST_PAID;
/** The largest share of all that can have spent: the others have something else to do. */
export const MAX_SPENT = OTHERS / CYCLE;

/** Spreads the kinds over the numbers; it has no divisor in common with the cycle. */
const STRIDE = 7919;

/** The kind of the so-manieth account, where such a share of all has spent free credits and nothing else. */
export const kindAt = (at: number, spent: number): MemberKind => {
  const place = (at * STRIDE) % CYCLE;
  const ending = ENDING[Math.floor(place / EACH)];
  if (ending !== undefined) return ending;
  const beyond = place - ENDING.length * EACH - REST_PAID;
  if (beyond < 0) return 'restPaid';
  return beyond < Math.round(spent * CYCLE) ? 'spent' : 'rest';
};

const PREFIX = 'account-';
export const idAt = (at: number): string => `${PREFIX}${at}`;
export const numberOf = (accountId: string): number => Number(accountId.slice(PREFIX.length));
