import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { type EventBus, eventBus } from '../lambdas/events/event-bus.ts';
import { replay } from '../lambdas/events/replay.ts';
import { type EventType, eventSchemas } from '../lib/http/contract/events/event-schemas.ts';
import { BUS_PATH } from '../local/bus.ts';
import { readSettings } from '../local/settings.ts';
import { whichTable } from './which-table.ts';

const USAGE = `npm run events:replay -- --account <id> | --from <instant> --to <instant>  [--type <type>]... [--dry-run] [--per-second <n>]

Puts on the bus again what the table knows to have happened: the same events with the same ids (docs/events.md). An account, a range, or an
account's range; the range is of the instants events count from, its first instant included and its last not. Without an account the
whole table is read, at half a read unit for each 4 KB. On AWS: TABLE_NAME=... EVENT_BUS_NAME=... AWS_REGION=... On one machine: while it runs.`;

const isType = (text: string): text is EventType => Object.hasOwn(eventSchemas, text);
const instant = z.pipe(
  z
    .string()
    .check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/, 'an instant such as 2026-11-22T00:00:00Z')),
  z.transform((text: string) => Date.parse(text)),
);
const asked = z
  .object({
    account: z.optional(z.string().check(z.minLength(1))),
    from: z.optional(instant),
    to: z.optional(instant),
    type: z.optional(
      z.array(z.custom<EventType>((type) => typeof type === 'string' && isType(type), 'a type of docs/events.md')),
    ),
    'dry-run': z._default(z.boolean(), false),
    'per-second': z._default(z.coerce.number().check(z.minimum(1), z.maximum(5_000)), 200),
  })
  .check(
    z.refine(
      ({ account, from, to }) => account !== undefined || (from !== undefined && to !== undefined),
      'needs --account, or --from and --to',
    ),
  );

const { values } = parseArgs({
  options: {
    account: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    type: { type: 'string', multiple: true },
    'dry-run': { type: 'boolean' },
    'per-second': { type: 'string' },
    help: { type: 'boolean' },
  },
});
const { help, ...given } = values;
const parsed = asked.safeParse(given);
if (help || !parsed.success) {
  console.log(parsed.success || help ? USAGE : `${z.prettifyError(parsed.error)}\n\n${USAGE}`);
  process.exitCode = help ? 0 : 2;
} else {
  const { account, from, to, type, 'dry-run': dryRun, 'per-second': perSecond } = parsed.data;
  const { table, where, runsHere, close } = await whichTable(process.env);
  const settings = readSettings(process.env);
  const here = { EVENT_BUS_NAME: 'credits', EVENTBRIDGE_ENDPOINT: `http://localhost:${settings.port}${BUS_PATH}` };
  const named = { ...(runsHere ? here : {}), ...process.env };
  const silent: EventBus = { put: async () => -1 };
  let unreadable = 0;
  try {
    if (!dryRun && named['EVENT_BUS_NAME'] === undefined) {
      throw new Error('no bus to put them on: name it by EVENT_BUS_NAME or, on one machine, start the system first');
    }
    const counts = await replay(
      {
        table,
        bus: dryRun ? silent : eventBus(named),
        perSecond,
        unreadable: (pk, sk) => {
          unreadable++;
          console.error(`cannot be read: ${pk} ${sk}`);
        },
      },
      {
        accountId: account ?? null,
        fromMs: from ?? null,
        toMs: to ?? null,
        types: type === undefined ? null : new Set(type),
        dryRun,
      },
    );
    for (const [name, count] of [...counts].toSorted()) console.log(`${String(count).padStart(8)}  ${name}`);
    console.log(`${where}: ${dryRun ? 'would be told again' : 'told again'}; ${unreadable} rows could not be read`);
    if (unreadable > 0) process.exitCode = 1;
  } finally {
    await close();
  }
}
