import { BUS_PATH, openBus } from './bus.ts';
import { followClock, openClock } from './clock.ts';
import { createControl } from './control.ts';
import { openDoors } from './doors.ts';
import { type Engine, startEngine } from './engine.ts';
import { readSchedules, readStreamFeeds } from './feeds.ts';
import { openFront } from './front.ts';
import { createGateway } from './gateway.ts';
import { openIssuer } from './issuer.ts';
import { readHttpApi } from './routes.ts';
import { openSchedules } from './schedules.ts';
import { projectRoot, type Settings } from './settings.ts';
import { openSecrets, SIGNING_SECRET_ID } from './signing-key.ts';
import { openStream } from './stream.ts';
import { synthesize } from './synthesize.ts';
import { ensureTable, readTable } from './table.ts';
import { readTemplate } from './template.ts';

/** Everything of one machine, running. */
export interface LocalSystem {
  readonly url: string;
  readonly port: number;
  /** Settles with the reason when the embedded engine ends by itself. */
  readonly died: Promise<string>;
  readonly stop: () => Promise<void>;
}

const never = new Promise<string>(() => {});

/** Starts all parts, or none: what fails on the way, or is aborted, ends those that run already. */
export const startSystem = async (
  settings: Settings,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<LocalSystem> => {
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };

  const startDatabase = async (): Promise<{ readonly endpoint: string; readonly died: Engine['died'] }> => {
    if (settings.dynamodbEndpoint !== undefined) return { endpoint: settings.dynamodbEndpoint, died: never };
    const engine = await startEngine(settings.dataDir, signal);
    ends.push(engine.stop);
    return engine;
  };
  const readStack = async () => {
    const template = readTemplate(await synthesize(projectRoot, say, signal));
    return {
      api: readHttpApi(template),
      table: readTable(template, settings.tableName),
      feeds: readStreamFeeds(template),
      schedules: readSchedules(template),
    };
  };

  try {
    const front = await openFront(settings.port);
    ends.push(front.close);
    const clock = openClock(settings.dataDir);
    const parts = [
      startDatabase(),
      readStack(),
      openIssuer(settings.dataDir, clock.now),
      openSecrets(settings.dataDir),
    ] as const;
    // All of them, so that nothing comes up after the rest has been ended.
    await Promise.allSettled(parts);
    const [database, { api, table, feeds, schedules }, issuer, readSecret] = await Promise.all(parts);

    const [invoke] = await Promise.all([
      openDoors([...api.functions.values(), ...feeds.map(({ fn }) => fn), ...schedules.map(({ fn }) => fn)], {
        values: {
          TABLE_NAME: settings.tableName,
          SIGNING_SECRET_ARN: SIGNING_SECRET_ID,
          EVENT_BUS_NAME: 'credits',
          STAGE: 'local',
        },
        dynamodbEndpoint: database.endpoint,
        eventBridgeEndpoint: `${front.url}${BUS_PATH}`,
        now: clock.now,
        readSecret,
      }),
      ensureTable(database.endpoint, table),
    ]);
    signal.throwIfAborted();

    const gateway = createGateway({ api, issuer, now: clock.now, invoke });
    const scopes = [...new Set(api.routes.flatMap((route) => route.scopes))];
    const bus = openBus(settings.dataDir);
    const streams = feeds.map(({ fn, batchSize }) =>
      openStream({
        endpoint: database.endpoint,
        tableName: settings.tableName,
        dataDir: settings.dataDir,
        batchSize,
        invoke: (event) => invoke(fn.id, event),
      }),
    );
    const sweeps = openSchedules(schedules, invoke);
    const ticking = followClock(clock, sweeps.fire);
    ends.push(ticking.close, ...streams.map((stream) => stream.close));
    const drain = async () => {
      for (const stream of streams) await stream.drain();
    };
    const control = createControl({ clock, issuer, scopes, bus, drain, fire: sweeps.fire });
    front.open(async (request) => {
      const path = (request.url ?? '/').replace(/\?.*$/s, '');
      return control.owns(path) ? control.answer(request, path) : gateway(request);
    });
    for (const stream of streams) stream.follow();
    return { url: front.url, port: front.port, died: database.died, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
