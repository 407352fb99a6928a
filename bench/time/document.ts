import type { Figure, Section } from '../figure.ts';
import { integer } from '../figure.ts';
import type { Machine } from '../show.ts';
import { type Basis, brakesOf, type Forecast, forecast, standingCosts, totalOf } from './forecast.ts';
import { ASSUMED, LIMITS, SWEEPER } from './limits.ts';

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const verdict = ({ ok }: Figure): string => (ok === null ? '' : ok ? 'ok' : 'over');
const asMarkdown = ({ title, figures, notes }: Section): string =>
  [
    `## ${title}`,
    table(
      ['figure', 'bar', 'ours', 'comparison', ''],
      figures.map((each) => [each.figure, each.bar, each.ours, each.comparison, verdict(each)]),
    ),
    ...notes,
  ].join('\n\n');

const dollars = (amount: number): string => (amount < 10 ? `$${amount.toFixed(2)}` : `$${integer(amount)}`);
const duration = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
};
const short = (count: number): string =>
  count >= 1e9 ? `${count / 1e9} B` : count >= 1e6 ? `${count / 1e6} M` : integer(count);

const SIZES = [1e6, 1e8, 1e9] as const;
const SHARES = [0.01, 0.1, 1] as const;

/** What a table must take for the sweep to be done in an hour, and what has to be raised for that. */
const advice = ({ due, writeUnits }: Forecast): readonly string[] => {
  const needed = writeUnits / SWEEPER.wantedSeconds;
  const shards = Math.ceil((due / SWEEPER.wantedSeconds) * (ASSUMED.touchMs / 1000 / SWEEPER.accountsAtOnce));
  const [first, raise] = (() => {
    if (needed <= LIMITS.newTableWrites.value) return ['a new table’s warm throughput', 'nothing'];
    if (needed <= LIMITS.tableWrites.value)
      return [
        'a new table’s warm throughput',
        'warm throughput of table and indexes, once, before the first such night',
      ];
    return ['the table’s quota', 'the quota, and warm throughput to it'];
  })();
  const own = shards <= SWEEPER.shardsAtOnce ? '' : `; \`AT_ONCE\` to ${integer(shards)}`;
  const more = shards <= SWEEPER.shards ? '' : `, \`SHARDS\` to ${integer(2 ** Math.ceil(Math.log2(shards)))}`;
  return [integer(Math.ceil(needed)), first, `${raise}${own}${more}`];
};

const sources = (): string => {
  const told: readonly (readonly [string, keyof typeof LIMITS])[] = [
    ['write units a second of a partition, of a table or an index', 'partitionWrites'],
    ['read units a second of a partition', 'partitionReads'],
    ['write units a second of a table on demand, by default', 'tableWrites'],
    ['write units a second of a new table on demand', 'newTableWrites'],
    ['functions at once in an account, by default', 'lambdaConcurrency'],
    ['children of a Distributed Map at once', 'mapConcurrency'],
    ['events in the history of a standard execution', 'historyEvents'],
    ['`PutEvents` a second, us-east-1, by default', 'putEvents'],
    ['seconds between firings of a schedule, at the least', 'schedulerSeconds'],
  ];
  return table(
    ['limit', 'number', 'published at'],
    told.map(([what, name]) => [what, integer(LIMITS[name].value), LIMITS[name].source]),
  );
};

/** The whole of docs/scale.md. */
export const asScaleDocument = (sections: readonly Section[], basis: Basis, machine: Machine): string => {
  const { command, date, node, cores, engine } = machine;
  const forecasts = SIZES.flatMap((accounts) => SHARES.map((share) => forecast(basis, accounts, share)));
  const standing = standingCosts();
  const own = (SWEEPER.shardsAtOnce * SWEEPER.accountsAtOnce * 1000) / ASSUMED.touchMs;
  const grown = Math.min(
    ...brakesOf(basis)
      .slice(1)
      .map(({ perSecond }) => perSecond),
  );
  return `${[
    '# Scale',
    'What midnight costs, how long it takes, and which quota is hit first. **No balance waits for any of it**: an account is what its item and the clock say, in every read and every write ([ADR 3](adr/0003-time-is-lazy.md)). A sweep writes lines of history and events for those whom nobody touches. One that takes hours, starts twice or does not run harms nobody: whoever looks sees the right balance, and whoever spends brings his own account up.',
    `Measured by one run of\n\n\`\`\`\n${command}\n\`\`\`\n\non ${date}: Node ${node}, ${cores}, engine ${engine}. With \`--write\` it writes this page; do not edit it by hand. \`ok\` and \`over\` are against the bar; a counted line over its bar fails the run. Times are those of a machine that does other things too.`,
    ...sections.map(asMarkdown),
    '## What holds a sweep back in AWS',
    `Computed: none of this has been deployed. An account whose free credits were spent takes ${Number(basis.resetUnits.toFixed(2))} write units at midnight, ${Number(basis.resetIndexUnits.toFixed(2))} of them in the index by boundary (table and index are counted together against the table’s quota, which errs on the slow side). A touch is assumed to take ${ASSUMED.touchMs} ms; ${SWEEPER.shardsAtOnce} of ${SWEEPER.shards} shards are swept at once, ${SWEEPER.accountsAtOnce} accounts in each.`,
    table(
      ['the tightest first', 'accounts a second', 'how to raise it'],
      brakesOf(basis).map(({ what, perSecond, how }) => [what, integer(perSecond), how]),
    ),
    `Reads are far from any limit: a page of a hundred entries is about a read unit, and the accounts’ reads spread over the table. So is EventBridge Scheduler: three firings a minute at most, each starting one execution.`,
    '## Cost and time by size',
    'Due: accounts that spent free credits the day before. A day of such an account is a reset at midnight and, at some minute of the day, the bound its last run left. Times are of the midnight sweep alone, all its accounts due at the same instant.',
    table(
      [
        'accounts',
        'due a day',
        'write units at midnight',
        'done, new table',
        'done, grown table',
        'writes',
        'reads',
        'events',
        'functions',
        'a day',
      ],
      forecasts.map((each) => [
        short(each.accounts),
        `${100 * each.share} %: ${short(each.due)}`,
        short(Math.round(each.writeUnits)),
        duration(each.newTableSeconds),
        duration(each.seconds),
        dollars(each.dollars.writes),
        dollars(each.dollars.reads),
        dollars(each.dollars.events),
        dollars(each.dollars.functions),
        dollars(totalOf(each)),
      ]),
    ),
    `Accounts with nothing due cost nothing at any size. The sweeps themselves cost ${dollars(sum(standing.map(([, amount]) => amount)))} a day when they find nothing: ${standing.map(([what, amount]) => `${what} ${dollars(amount)}`).join(', ')}.`,
    '“New table” takes 4,000 write units a second and is never let grow; “grown table” takes what its quota allows. A real one is between the two: on demand takes at once twice the highest rate it ever had, and the days before have grown it.',
    '## Which quota is hit first',
    'A sweep goes as fast as it may. With much due it meets the first limit within seconds, is throttled and tries again; that is only late, and asks for nothing until an hour is too late.',
    table(
      ['accounts', 'due a day', 'write units a second, to be done in an hour', 'hit first', 'to raise for it'],
      forecasts.map((each) => [short(each.accounts), `${100 * each.share} %`, ...advice(each)]),
    ),
    `- **${duration(SWEEPER.nextRunSeconds)}** (${short(Math.round(grown * SWEEPER.nextRunSeconds))} accounts due at the quota): the next sweep of the boundaries starts while this one runs. Both read the same shards from the longest due on; a transaction that comes second is refused by the account’s version, changes nothing, and costs its units. Balances stay right; money and time are wasted.`,
    `- **${duration(SWEEPER.givenUpSeconds)}** (${short(Math.round(grown * SWEEPER.givenUpSeconds))} due): the execution is given up. The index is the cursor, so the next sweep goes on where it stopped.`,
    `- **24 h** (${short(Math.round(grown * 86_400))} due): the next midnight is there first. An account two midnights late gets both days’ lines at once, of their own instants.`,
    `- **The minute’s sweep** of deadlines gets through ${short(Math.round(60 * own))} accounts before the next begins, as assumed above: runs of ${short(Math.round(1440 * 60 * own))} accounts a day, spread evenly. Above that the lapses of an hour run late, and its shards, which are given five minutes, go on a minute later where they stopped.`,
    '- **Events**: beside the bus’s quota, each partition’s stream feeds one function at a time, whose pace nobody has measured. They come late then, for up to the 24 hours the stream remembers.',
    `- **Throttled** touches are tried again by the SDK; what then still fails stays due and is counted in the function’s log. People’s own requests meet the same throttling while a sweep takes all a table has: where the table’s quota is the brake, keep \`AT_ONCE\` below it.`,
    '## Where the numbers come from',
    `Prices of us-east-1 without any free tier, looked up 2026-11-22 in pages that quote [DynamoDB](https://aws.amazon.com/dynamodb/pricing/on-demand/) (on demand, Standard), [Lambda](https://aws.amazon.com/lambda/pricing/) (Arm), [Step Functions](https://aws.amazon.com/step-functions/pricing/), [EventBridge](https://aws.amazon.com/eventbridge/pricing/); storage, backups, logs, tracing and the events’ own function are not in them. Limits looked up the same day:`,
    sources(),
  ].join('\n\n')}\n`;
};

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
