import * as z from 'zod/mini';

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FORMAT = 'must be an ISO 8601 instant such as 2027-01-31T23:59:59.999Z';

/** An instant a caller names: any precision, in UTC or with its offset; before the year 10000, as every one that is shown. */
export const givenInstant = z.iso
  .datetime({ offset: true, error: FORMAT })
  .check(z.refine((instant) => !(Date.parse(instant) > LAST_MS), 'is after the year 9999'));
