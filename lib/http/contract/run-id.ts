import * as z from 'zod/mini';

/** A run named in a path. */
export const runId = z.string().check(z.regex(/^.{38,400}$/));
