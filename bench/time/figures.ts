import { exact, type Figure, integer, measured, type Section, told } from '../figure.ts';
import type { Crossing } from './crossing.ts';
import { isDue, type MemberKind } from './member-kind.ts';
import type { KindCost, Tally } from './tally.ts';

const zero = (figure: string, value: number, comparison = ''): Figure =>
  exact(figure, '0', integer(value), comparison, value === 0);

const writesOf = (tally: Tally, wanted: (kind: MemberKind) => boolean): number =>
  [...tally.byKind].reduce((sum, [kind, { requests }]) => sum + (wanted(kind) ? requests : 0), 0);

/** Accounts swept, in one phase or the other. */
export const touchedOf = ({ deadlines, boundaries }: Crossing): number =>
  deadlines.touched + boundaries.passes.reduce((sum, { touched }) => sum + touched, 0);

/** What one account of a kind cost in a phase, on average. */
export const costOf = (crossing: Crossing, phase: 'deadlines' | 'boundaries', kind: MemberKind): KindCost => {
  const accounts = crossing.dueByKind.get(kind) ?? 0;
  const cost = crossing[phase].tally.byKind.get(kind);
  const each = (value: number | undefined) => (accounts === 0 ? 0 : (value ?? 0) / accounts);
  return { requests: each(cost?.requests), writeUnits: each(cost?.writeUnits), indexUnits: each(cost?.indexUnits) };
};

const units = ({ writeUnits, indexUnits }: KindCost): string =>
  `${Number(writeUnits.toFixed(2))}, ${Number(indexUnits.toFixed(2))}`;

/** The late settles are due twice: for the bound their hold left, and at midnight. */
const twice = (crossing: Crossing): number => crossing.dueByKind.get('settledLate') ?? 0;

export const exactness = (crossing: Crossing): Section => {
  const { accounts, due, stale, deadlines, boundaries, second } = crossing;
  const idle = accounts - due;
  const idleWrites =
    writesOf(deadlines.tally, (kind) => !isDue(kind)) + writesOf(boundaries.tally, (kind) => !isDue(kind));
  const toTouch = due + twice(crossing);
  const ofSample = `of ${integer(stale.looked)} looked at`;
  return {
    title: `Midnight for ${integer(accounts)} accounts, ${integer(due)} of them with something due`,
    figures: [
      zero(`stale at 23:59:59.999, no sweep; ${ofSample}`, stale.lastMillisecond),
      zero('stale at 00:00:00.000, no sweep; the same', stale.midnight, integer(stale.itemsBehind)),
      zero('stale after the sweep; the same', stale.afterSweep),
      zero(`writes for the ${integer(idle)} accounts with nothing due`, idleWrites, integer(idle)),
      exact(
        'accounts touched by the sweeps, once for each time they are due',
        integer(toTouch),
        integer(touchedOf(crossing)),
        integer(accounts),
        touchedOf(crossing) === toTouch,
      ),
      zero('accounts that could not be swept', crossing.failed),
      zero('left due after the sweep', crossing.left),
      zero('accounts touched by a second sweep', second.touched),
      zero('writes of a second sweep', second.tally.writes),
    ],
    notes: [
      'Stale is an account whose available credits, held credits or counted runs are not what R7, R8 and R12–R15 say, as `bench/time/member.ts` works them out for each kind of account by hand. The comparison: those whose item, as it lies in the table, does not say what its owner sees; and what a sweep without a due index reads and writes.',
      'Nothing due: free credits whole, some with a cycle and a pack that end another day. Due: free credits spent; a month’s end, a yearly plan’s month, a pack, a hold’s deadline, each one account in a hundred; a hold open over midnight; a run settled so late that the bound its hold has left is swept first. Writes are counted below the SDK, by the key they write.',
    ],
  };
};

const PHASES: readonly (readonly [told: string, phase: 'deadlines' | 'boundaries', kind: MemberKind])[] = [
  ['free credits were spent: reset at midnight', 'boundaries', 'spent'],
  ['a hold open over midnight: reset', 'boundaries', 'holdStaysOpen'],
  ['the month ends at midnight: new credits', 'boundaries', 'monthEnds'],
  ['a month of a yearly plan has ended', 'boundaries', 'yearlyStepEnds'],
  ['a pack expires', 'boundaries', 'packExpires'],
  ['a hold lapses: its record and the release', 'deadlines', 'holdLapses'],
  ['the bound a settled hold has left: moved on', 'deadlines', 'settledLate'],
];

export const costs = (crossing: Crossing): Section => {
  const { deadlines, boundaries, second } = crossing;
  const touched = touchedOf(crossing);
  const reads = (pick: (tally: Tally) => number) => pick(deadlines.tally) + pick(boundaries.tally);
  return {
    title: 'Write units and reads of an account that is due',
    figures: [
      ...PHASES.map(([what, phase, kind]) =>
        told(`write units, those of indexes among them; ${what}`, units(costOf(crossing, phase, kind))),
      ),
      told('index entries read for each account touched', (reads((tally) => tally.indexRows) / touched).toFixed(3)),
      told(
        'read units of the due indexes for each account touched',
        (reads((tally) => tally.indexReadUnits) / touched).toFixed(4),
      ),
      told('reads of the account for each touched', (reads((tally) => tally.pointReads) / touched).toFixed(3)),
      told('read units of those', (reads((tally) => tally.pointReadUnits) / touched).toFixed(3)),
      told(
        'queries and read units of a second sweep, which finds nothing',
        `${second.tally.indexQueries}, ${second.tally.indexReadUnits}`,
      ),
    ],
    notes: ['Units are what the engine answers to `ReturnConsumedCapacity`.'],
  };
};

const MB = 1024 * 1024;
const mb = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;
/** What the heap may differ by between two runs of which neither keeps anything. */
const SLACK = 8 * MB;

export const pace = (small: Crossing, large: Crossing): Section => {
  const heap = (crossing: Crossing) => Math.max(crossing.memory.seeded.liveHeap, crossing.memory.swept.liveHeap);
  const resident = (crossing: Crossing) => Math.max(crossing.memory.seeded.resident, crossing.memory.swept.resident);
  return {
    title: 'Pace and memory, on one machine and one SQLite file',
    figures: [
      told('accounts written a second, to begin with', integer(large.accounts / large.seedSeconds)),
      ...large.boundaries.passes.map(({ workers, touched, seconds }) =>
        told(
          `accounts swept a second; ms of wall time each; ${workers} shard${workers === 1 ? '' : 's'} at once`,
          `${integer(touched / seconds)}; ${((1000 * seconds) / touched).toFixed(2)}`,
        ),
      ),
      measured(
        `heap in use at most, ${integer(small.accounts)} → ${integer(large.accounts)} accounts`,
        `≤ ${mb(heap(small) + SLACK)}`,
        `${mb(heap(small))} → ${mb(heap(large))}`,
        '',
        heap(large) <= heap(small) + SLACK,
      ),
      told(
        `resident at most, ${integer(small.accounts)} → ${integer(large.accounts)} accounts, one after the other`,
        `${mb(resident(small))} → ${mb(resident(large))}`,
      ),
    ],
    notes: [
      'The shards are dealt out over the settings, so that all of them sweep the same midnight. The engine has one writer at a time: more shards at once hide latency, not its work. In AWS each shard is a function of its own.',
    ],
  };
};
