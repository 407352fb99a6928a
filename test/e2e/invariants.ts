import type * as z from 'zod/mini';
import { type balance, getRun } from '../../lib/http/contract/account.ts';
import type { Actor } from './actor.ts';
import { type Api, DAY, type Entry } from './api.ts';

type Balance = z.infer<typeof balance>;
type RunReply = z.infer<typeof getRun.reply>;

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** What history tells of one grant. */
interface Told {
  granted: number;
  /** Neither spent nor ended: left over or held. */
  rest: number;
  /** Gone with its money. */
  takenBack: number;
}

/** I2: the grants, replayed from nothing but the lines of the API. */
const replay = (lines: readonly Entry[]): Map<string, Told> => {
  const grants = new Map<string, Told>();
  for (const { kind, grants: changes } of lines) {
    for (const { id, credits, expiresAt } of changes) {
      const told = grants.get(id) ?? { granted: 0, rest: 0, takenBack: 0 };
      told.rest += credits;
      if (kind === 'clawback') told.takenBack -= credits;
      // A refund gives back to a grant what it had once, unless it begins one, and then it says when that ends. A dispute won does too.
      const gives = kind === 'grant' || kind === 'reset' || (kind === 'refund' && expiresAt !== undefined);
      const begins = credits > 0 && gives;
      // A plan change makes a grant larger or smaller.
      if (begins || kind === 'adjustment') told.granted += credits;
      grants.set(id, told);
    }
  }
  return grants;
};

const grantFaults = (now: Balance, lines: readonly Entry[]): string[] => {
  const told = replay(lines);
  const live = new Map(now.grants.map((grant) => [grant.id, grant]));
  const faults: string[] = [];
  for (const id of new Set([...live.keys(), ...told.keys()])) {
    const grant = live.get(id);
    const { granted, rest } = told.get(id) ?? { granted: 0, rest: 0 };
    const state = (grant?.remaining ?? 0) + (grant?.held ?? 0);
    if (state !== rest) faults.push(`I2 ${id}: the balance has ${state}, history tells ${rest}`);
    if (grant !== undefined && grant.granted !== granted) {
      faults.push(`I1 ${id}: granted ${grant.granted}, history tells ${granted}`);
    }
  }
  return faults;
};

const balanceFaults = (now: Balance, lines: readonly Entry[]): string[] => {
  const alive = now.grants.filter(({ expiresAt }) => expiresAt > now.asOf);
  const held = total(lines.map((line) => (line.status === 'held' ? (line.held ?? 0) : 0)));
  const told = replay(lines);
  const keptOf = ({ id, granted }: Balance['grants'][number]): number => granted - (told.get(id)?.takenBack ?? 0);
  const checks = {
    'I2 all lines add up to available + held': total(lines.map(({ credits }) => credits)) === now.available + now.held,
    'I3 available is what live grants have left': total(alive.map(({ remaining }) => remaining)) === now.available,
    'I3 held is what grants have held': total(now.grants.map((grant) => grant.held)) === now.held,
    'I3 held is what held runs hold': held === now.held,
    'R22 progress is of live grants':
      now.progress.total === total(alive.map(keptOf)) &&
      now.progress.used === total(alive.map((grant) => keptOf(grant) - grant.remaining - grant.held)),
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [`${name}: ${JSON.stringify(now)}`]));
};

/** I3, I4: its own numbers, its approval, and that its line tells the same. */
const runFaults = (line: Entry, run: RunReply, owner: string): string[] => {
  const ended = run.status !== 'held';
  const checks = {
    'I4 charged ≤ held ≤ estimate': run.charged <= run.held && run.held <= run.estimate && run.held > 0,
    'I4 approved by its owner': run.approval.by === owner && run.approval.shown.credits === run.estimate,
    'R9 held is charged or released': run.charged + run.released === (ended ? run.held : 0),
    'R10 only what settled is charged': run.charged === 0 || run.status === 'settled',
    'I5 an end exactly where it has ended': (run.endedAt !== null) === ended,
    'R23 the line tells the same':
      line.status === run.status &&
      line.charged === run.charged &&
      line.released === run.released &&
      line.held === run.held &&
      line.estimate === run.estimate &&
      total(line.grants.map(({ credits }) => credits)) === line.credits &&
      line.credits === (run.charged === 0 ? 0 : -run.charged),
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [`${name}: ${JSON.stringify(run)}`]));
};

/** R8: runs approved today that have neither failed nor expired. */
const countedToday = (now: Balance, runs: readonly RunReply[]): number => {
  const day = (instant: string) => Math.floor(Date.parse(instant) / DAY);
  const counts = (run: RunReply) => run.status === 'held' || run.status === 'settled';
  return runs.filter((run) => counts(run) && day(run.approval.at) === day(now.asOf)).length;
};

/** Runs asked for at once. */
const AT_ONCE = 16;

/** I1–I5 of an account, recomputed from what the API alone tells; a sentence for each that is broken. */
export const faultsOf = async (api: Api, owner: Actor): Promise<readonly string[]> => {
  const lines = await api.history(owner);
  const now = await api.balance(owner);
  const runs: { line: Entry; run: RunReply }[] = [];
  const asked = lines.filter((line) => line.kind === 'run');
  const look = async (line: Entry) => ({ line, run: await owner.ok(getRun, { params: { runId: line.id } }) });
  for (let at = 0; at < asked.length; at += AT_ONCE)
    runs.push(...(await Promise.all(asked.slice(at, at + AT_ONCE).map(look))));
  const ids = new Set(lines.map(({ id }) => id));
  const counted = countedToday(
    now,
    runs.map(({ run }) => run),
  );
  const { used, limit } = now.runsToday;
  return [
    ...grantFaults(now, lines),
    ...balanceFaults(now, lines),
    ...runs.flatMap(({ line, run }) => runFaults(line, run, owner.sub)),
    ...(ids.size === lines.length ? [] : ['I5 a line is there twice']),
    ...(used === counted ? [] : [`R8 ${used} runs are counted today, and ${counted} count`]),
    ...(limit === null || used <= limit ? [] : [`R8 ${used} runs of at most ${limit}`]),
  ];
};
