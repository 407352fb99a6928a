import * as z from 'zod/mini';
import { instant } from '../words.ts';
import { type Described, eventCatalog, FIELDS } from './event-catalog.ts';
import { eventExamples } from './event-examples.ts';
import { type EventType, eventSchemas } from './event-schemas.ts';

type Json = Record<string, unknown>;

z.globalRegistry.add(instant, { format: 'date-time' });

const node = z.object({
  type: z.optional(z.union([z.string(), z.array(z.string())])),
  format: z.optional(z.string()),
  const: z.optional(z.unknown()),
  enum: z.optional(z.array(z.unknown())),
  required: z.optional(z.array(z.string())),
  properties: z.optional(z.record(z.string(), z.unknown())),
  items: z.optional(z.unknown()),
  anyOf: z.optional(z.array(z.unknown())),
});

/** A schema as listeners should read it: fields they do not know may come along. */
export const jsonSchemaOf = (type: EventType): Json =>
  z.toJSONSchema(eventSchemas[type], { target: 'draft-2020-12', io: 'input' });

/** An EventBridge rule that hears this type, and nothing else. */
export const rulePatternOf = (type: EventType): Json => ({ source: ['credits'], 'detail-type': [type] });

const isType = (type: string): type is EventType => Object.hasOwn(eventSchemas, type);

/** The types with what is told of each, in the order of the catalog. */
export const describedEvents = (): readonly (readonly [EventType, Described])[] =>
  Object.keys(eventCatalog).flatMap((type) => (isType(type) ? [[type, eventCatalog[type]] as const] : []));

const typeOf = (schema: z.infer<typeof node>): string => {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${JSON.stringify(each)}\``).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map((each) => typeOf(node.parse(each))).join(' or ');
  return schema.format === 'date-time' ? 'instant' : [schema.type ?? 'any'].flat().join(' or ');
};

export interface Field {
  readonly path: string;
  readonly type: string;
  readonly optional: boolean;
}

/** Every field of a schema, parents before their own. */
export const fieldsOf = (schema: unknown, within = ''): readonly Field[] => {
  const { properties = {}, required = [] } = node.parse(schema);
  return Object.entries(properties).flatMap(([name, raw]) => {
    const inner = node.parse(raw);
    const path = `${within}${name}${inner.items === undefined ? '' : '[]'}`;
    const below = [raw, inner.items, ...(inner.anyOf ?? [])].flatMap((each) =>
      each === undefined ? [] : fieldsOf(each, `${path}.`),
    );
    return [{ path, type: typeOf(inner), optional: !required.includes(name) }, ...below];
  });
};

/** Told once, of all. */
const HEAD: readonly string[] = ['id', 'order', 'accountId', 'at'];

const table = (fields: readonly Field[]): string[] => [
  '| field | type | |',
  '|---|---|---|',
  ...fields.map(
    ({ path, type, optional }) =>
      `| \`${path}\`${optional ? ' ?' : ''} | ${type.replaceAll('|', '\\|')} | ${FIELDS[path] ?? ''} |`,
  ),
  '',
];

const code = (json: string): string[] => ['```json', json, '```', ''];
const folded = (title: string, json: string): string[] => [
  `<details><summary>${title}</summary>`,
  '',
  ...code(json),
  '</details>',
  '',
];

const sectionOf = (type: EventType, { when, howOften, replay, filter }: Described): string[] => {
  const schema = jsonSchemaOf(type);
  const forms = node.parse(schema).anyOf ?? [schema];
  const examples = eventExamples().filter((event) => event.type === type);
  return [
    `## ${type}`,
    '',
    when,
    '',
    `**How often.** ${howOften} **Replayed:** ${replay}.`,
    '',
    ...forms.flatMap((form, at) => [
      ...(forms.length > 1 ? [`Form ${at + 1}:`, ''] : []),
      ...table(fieldsOf(form).filter(({ path }) => !HEAD.includes(path))),
    ]),
    'A rule that hears it:',
    '',
    ...code(JSON.stringify(rulePatternOf(type))),
    ...(filter === undefined
      ? []
      : [
          `One that hears only ${filter.asks}:`,
          '',
          ...code(JSON.stringify({ ...rulePatternOf(type), detail: filter.detail })),
        ]),
    ...examples.flatMap(({ detail }) => folded('An example', JSON.stringify(detail, null, 2))),
    ...folded('JSON schema of <code>detail</code>', JSON.stringify(schema)),
  ];
};

const INTRODUCTION = `# Events

<!-- Generated from the schemas by \`npm run events:doc\`. Do not edit. -->

What has happened is put on the stage's EventBridge bus (output \`EventBusName\`): source \`credits\`, the type as \`detail-type\`, the
fields below as \`detail\`. Instants are UTC with milliseconds (\`2026-12-01T12:00:00.000Z\`); credits are whole numbers. A field marked
\`?\` may be absent. Fields may be added; none goes or changes its meaning. On one machine \`GET /local/events\` lists them.

## What is promised

- **At least once.** Nothing a request does waits for the bus, and nothing is lost while the table's stream keeps it (a day); beyond
  that a replay finds it again.
- **Stable ids.** \`detail.id\` is made of what happened and is the same each time it is told. Keep the ids you have acted on.
  EventBridge's own \`id\` is another one for each delivery.
- **No order of delivery.** EventBridge promises none, and what feeds it has none across an account's parts: holds are read off the
  account's item, all else off its history, which are in two places of the stream; the lines of one transaction come in any order.
- **An order to sort by.** \`detail.order\` is text. Sorted by it, the events of one account stand as they count: by their instants and,
  at one instant, lines of the history in their order, then holds, then ends of runs, then what those gave back, then notices. It has gaps and
  does not tell that one is missing. It compares nothing across accounts. An event may come late, with a place before others you
  have seen: a lapse counts from its deadline, whenever it is found.
- **What never happens in any order:** a run has one \`run.held\` and one end; whichever you hear first, the end stands.

So: dedupe on \`id\`, take the end of a run as final, and for a balance ask \`GET /v1/balance\` instead of adding up.

## Told again

\`\`\`sh
npm run events:replay -- --account ann                      # all of one account
npm run events:replay -- --from 2026-11-20T00:00:00Z --to 2026-11-22T00:00:00Z --dry-run
\`\`\`

A replay reads the table and puts the same events with the same ids on the bus; \`--type run.settled\` (repeatable) picks some,
\`--dry-run\` only counts. On AWS name the table and the bus: \`TABLE_NAME\`, \`EVENT_BUS_NAME\`. Without \`--account\` it reads the whole
table, whatever the range: half a read unit for each 4 KB, some $0.02 a GB (2026-11). Each type says below whether it can.
`;

/** \`docs/events.md\`: made of the schemas, the catalog and examples that the code itself tells. */
export const eventsDocument = (): string => {
  const described = describedEvents();
  const contents = described.map(([type]) => `- [\`${type}\`](#${type.replaceAll('.', '')})`);
  const sections = described.flatMap(([type, of]) => sectionOf(type, of));
  const head = fieldsOf(jsonSchemaOf('run.held')).filter(({ path }) => HEAD.includes(path));
  const every = ['Every event has, beside its own:', '', ...table(head)];
  return `${[INTRODUCTION, ...every, ...contents, '', ...sections].join('\n').trimEnd()}\n`;
};
