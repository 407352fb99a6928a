import * as z from 'zod/mini';

/** An instant a caller names: any precision, but in UTC. */
export const givenInstant = z.iso.datetime();
