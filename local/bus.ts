import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type Answer, json } from './http-answer.ts';
import { readBody } from './http-body.ts';

const putEvents = z.object({
  Entries: z.array(
    z.object({
      EventBusName: z.string(),
      Source: z.string(),
      DetailType: z.string(),
      Detail: z.string(),
      Time: z.optional(z.number()),
    }),
  ),
});

const published = z.object({
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string(),
  detail: z.looseObject({ id: z.string() }),
});
export type Published = z.infer<typeof published>;

const BODY_LIMIT = 1024 * 1024;

/** Where the SDK finds it: the SDK adds a slash. */
export const BUS_PATH = '/local/bus';

/** The bus of one machine: EventBridge's `PutEvents` for the real SDK, and a list of what came. */
export interface Bus {
  readonly put: (request: IncomingMessage) => Promise<Answer>;
  /** In the order they came; what came twice is there twice, as on a real bus. */
  readonly events: () => readonly Published[];
}

/** Kept as one JSON line an event, so that a restart finds them. */
export const openBus = (dataDir: string): Bus => {
  const path = join(dataDir, 'events.jsonl');
  mkdirSync(dataDir, { recursive: true });
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  // A line cut short by a kill was never acknowledged, and comes again.
  const events = lines.flatMap((line) => {
    try {
      return [published.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });

  return {
    events: () => events,
    put: async (request) => {
      const body = await readBody(request, BODY_LIMIT);
      if (body === 'too_large') return json(400, { __type: 'ValidationException' });
      const { Entries } = putEvents.parse(JSON.parse(body.toString('utf8')));
      const came = Entries.map(({ Source, DetailType, Detail, Time }) => {
        const detail = z.looseObject({ id: z.string() }).parse(JSON.parse(Detail));
        const time = new Date((Time ?? 0) * 1000).toISOString();
        return { id: detail.id, source: Source, type: DetailType, time, detail };
      });
      appendFileSync(path, came.map((event) => `${JSON.stringify(event)}\n`).join(''));
      events.push(...came);
      return json(
        200,
        { FailedEntryCount: 0, Entries: came.map(({ id }) => ({ EventId: id })) },
        { 'content-type': 'application/x-amz-json-1.1' },
      );
    },
  };
};
