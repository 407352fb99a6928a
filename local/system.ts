import { catalog } from '../lib/catalog/catalog.ts';
import { APP_PATH } from './app-page.ts';
import { BUS_PATH, openBus } from './bus.ts';
import { followClock, openClock } from './clock.ts';
import { openClockWalk } from './clock-walk.ts';
import { createControl } from './control.ts';
import { openDoors } from './doors.ts';
import { type Engine, startEngine } from './engine.ts';
import { readSchedules, readStreamFeeds } from './feeds.ts';
import { openFront } from './front.ts';
import { createGateway } from './gateway.ts';
import { openIssuer } from './issuer.ts';
import { openPayments, stripeSecrets } from './payments.ts';
import { readHttpApi } from './routes.ts';
import { openSchedules } from './schedules.ts';
import { openSecrets, SECRET_IDS } from './secrets.ts';
import { projectRoot, type Settings } from './settings.ts';
import { openStream } from './stream.ts';
import { synthesize } from './synthesize.ts';
import { ensureTable, readTable } from './table.ts';
import { readTemplate } from './template.ts';
import { webhookDelivery } from './webhook-delivery.ts';

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
  const closing = new AbortController();
  const stop = async () => {
    closing.abort();
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
      openSecrets(settings.dataDir, stripeSecrets(settings.stripe)),
    ] as const;
    // All of them, so that nothing comes up after the rest has been ended.
    await Promise.allSettled(parts);
    const [database, { api, table, feeds, schedules }, issuer, readSecret] = await Promise.all(parts);

    const payments = await openPayments({
      real: settings.stripe,
      dataDir: settings.dataDir,
      now: clock.now,
      catalog,
      url: front.url,
      appUrl: `${front.url}${APP_PATH}`,
      deliver: webhookDelivery(front.url, closing.signal),
    });
    ends.push(payments.close);

    const [invoke] = await Promise.all([
      openDoors([...api.functions.values(), ...feeds.map(({ fn }) => fn), ...schedules.map(({ fn }) => fn)], {
        values: {
          TABLE_NAME: settings.tableName,
          SIGNING_SECRET_ARN: SECRET_IDS.signing,
          EVENT_BUS_NAME: 'credits',
          STAGE: 'local',
          ...payments.values,
        },
        endpoints: {
          DYNAMODB_ENDPOINT: database.endpoint,
          EVENTBRIDGE_ENDPOINT: `${front.url}${BUS_PATH}`,
          ...payments.endpoints,
        },
        now: clock.now,
        readSecret,
      }),
      ensureTable(database.endpoint, table),
    ]);
    signal.throwIfAborted();

    const gateway = createGateway({ api, issuer, now: clock.now, invoke });
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
    const walk = openClockWalk({ clock, payments, fire: sweeps.fire });
    const ticking = followClock(clock, (fromMs, toMs) =>
      Promise.all([sweeps.fire(fromMs, toMs), payments.advanceTo(toMs)]),
    );
    ends.push(ticking.close, ...streams.map((stream) => stream.close));
    const drain = async () => {
      for (const stream of streams) await stream.drain();
    };
    const control = createControl({ clock, issuer, bus, drain, walk, stripe: payments.answer });
    front.open(async (request) => {
      const path = (request.url ?? '/').replace(/\?.*$/s, '');
      return control.owns(path) ? control.answer(request, path) : gateway(request);
    });
    for (const stream of streams) stream.follow();
    // What a stop has left undelivered.
    payments.advanceTo(clock.now()).catch(console.error);
    return { url: front.url, port: front.port, died: database.died, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
