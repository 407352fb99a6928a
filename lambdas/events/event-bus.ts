import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import * as z from 'zod/mini';
import { CLIENT_LIMITS } from '../../lib/deadline/deadline.ts';
import type { PublishedEvent } from '../../lib/http/contract/events/event-schemas.ts';

export interface EventBus {
  /** Publishes up to `BATCH` events; answers the index of the first the bus did not take, -1 where it took all. */
  readonly put: (events: readonly PublishedEvent[]) => Promise<number>;
}

/** `PutEvents` takes ten at a time. */
export const BATCH = 10;

const environment = z.object({ EVENT_BUS_NAME: z.string(), EVENTBRIDGE_ENDPOINT: z.optional(z.string()) });

/** The stage's bus, source `credits`. */
export const eventBus = (env: Readonly<Record<string, string | undefined>>): EventBus => {
  const { EVENT_BUS_NAME, EVENTBRIDGE_ENDPOINT } = environment.parse(env);
  const client = new EventBridgeClient({
    ...CLIENT_LIMITS,
    ...(EVENTBRIDGE_ENDPOINT === undefined ? {} : { endpoint: EVENTBRIDGE_ENDPOINT }),
  });
  return {
    put: async (events) => {
      const { Entries } = await client.send(
        new PutEventsCommand({
          Entries: events.map(({ type, atMs, detail }) => ({
            EventBusName: EVENT_BUS_NAME,
            Source: 'credits',
            DetailType: type,
            Detail: JSON.stringify(detail),
            Time: new Date(atMs),
          })),
        }),
      );
      return (Entries ?? []).findIndex((entry) => entry.ErrorCode !== undefined);
    },
  };
};
