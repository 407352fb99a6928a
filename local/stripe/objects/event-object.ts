import * as z from 'zod/mini';
import type { StoredEvent } from '../records.ts';

/** What `announce` wrote: made of the SDK's types there, and read back without asking again. */
const body = z.looseObject({ id: z.string(), object: z.literal('event'), type: z.string() });

/** The event as it was sent, but for the deliveries that still wait. */
export const eventObject = (event: StoredEvent): z.infer<typeof body> => ({
  ...body.parse(JSON.parse(event.body)),
  pending_webhooks: event.delivered || (event.attempts === 0 && event.nextAttemptMs === null) ? 0 : 1,
});
