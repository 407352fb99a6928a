import type { EventBus } from '../../lambdas/events/event-bus.ts';
import type { PublishedEvent } from '../../lib/http/contract/events/event-schemas.ts';

/** A bus that keeps what it is given, and refuses what it is told to: each time, or only the first. */
export const listeningBus = (
  refuses: (event: PublishedEvent) => boolean = () => false,
  how: 'once' | 'always' = 'once',
) => {
  const heard: PublishedEvent[] = [];
  const refused = new Set<string>();
  const bus: EventBus = {
    put: async (events) => {
      const at = events.findIndex((event) => refuses(event) && (how === 'always' || !refused.has(event.detail.id)));
      const refusal = events[at];
      if (refusal !== undefined) refused.add(refusal.detail.id);
      heard.push(...(at < 0 ? events : events.filter((_, index) => index !== at)));
      return at;
    },
  };
  return { bus, heard };
};
