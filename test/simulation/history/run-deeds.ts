import { isRefusal } from '../../../lib/domain/refusal.ts';
import { DAY_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import { openEstimate } from '../../../lib/token/estimate-token.ts';
import { doors } from './doors.ts';
import type { Deed, Ending } from './plan.ts';
import { prefer } from './prefer.ts';
import type { World } from './world.ts';

type Run = Extract<Deed, { what: 'run' }>;

interface Held {
  readonly runId: string;
  readonly runUuid: string;
  readonly held: number;
  readonly expiresAtMs: number;
  readonly receipt: string;
}

const told = (answer: unknown): string => {
  const text = JSON.stringify(answer, (key, value) => (key === 'receipt' || key === 'estimateId' ? '…' : value));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** An agent settles, fails or extends a run, once or several times at once. */
const endRun = async (world: World, held: Held, ending: Ending, actor: string): Promise<void> => {
  const { now, park, oracle, request, note } = world;
  const { runId, runUuid, expiresAtMs } = held;
  const atMs = ending.fromDeadline ? expiresAtMs + ending.afterMs : now() + Math.max(0, ending.afterMs);
  await park(null, Math.max(now(), atMs));
  const receipt = ending.receipt ? held.receipt : null;
  const cost = Math.ceil((held.held * ending.percent) / 100);
  const once = async (): Promise<void> => {
    const who = {
      actor,
      operation: ending.how + (receipt === null || ending.how === 'extend' ? '' : ' by receipt'),
      tries: ending.tries,
    };
    if (ending.how !== 'extend') oracle.sending(runUuid, ending.how === 'settle' ? 'settled' : 'failed', cost);
    const answer = await request(who, async (life) => {
      const deps = world.depsOf(life);
      if (ending.how === 'settle') return doors.settle(deps, runId, cost, receipt);
      return ending.how === 'fail'
        ? doors.fail(deps, runId, receipt)
        : doors.extend(deps, runId, 60 * (1 + ending.percent));
    });
    if (answer === null) return;
    note(actor, () => `${who.operation} ${runUuid} ${ending.how === 'settle' ? cost : ''} → ${told(answer)}`);
    if (isRefusal(answer)) oracle.refusedEnd(runUuid, ending.how, answer);
    else if (answer.status === 'settled') oracle.settled(runUuid, cost, answer);
    else if (answer.status === 'failed') oracle.failed(runUuid, answer);
    else oracle.extended(runUuid, answer.expiresAt);
  };
  await Promise.all(Array.from({ length: ending.copies }, once));
};

/** When to approve, and for how long, so that the deadline falls where it is aimed at; `null`: nothing of the account ends within a day. */
const aimed = (world: World, { account, aim }: Run): { readonly atMs: number; readonly holdSeconds: number } | null => {
  if (aim === undefined) return null;
  const nowMs = world.now();
  const soon = world.ends(account).filter((each) => each > nowMs + 2 * SECOND_MS && each < nowMs + DAY_MS);
  const end = soon[aim.end % Math.max(1, soon.length)];
  if (end === undefined) return null;
  const deadlineMs = end + aim.offMs;
  const holdSeconds = Math.min(DAY_MS / SECOND_MS, Math.floor((deadlineMs - nowMs) / SECOND_MS));
  return { atMs: deadlineMs - holdSeconds * SECOND_MS, holdSeconds };
};

/** An estimate, its approval, sent several times perhaps, and what agents then do about the run. */
export const run = async (world: World, deed: Run, id: number): Promise<void> => {
  const { now, park, oracle, request, note, spawn } = world;
  const { account, by, credits, ruled } = deed;
  const actor = by === 'user' ? account : `agent-${1 + (id % 3)}`;
  if (ruled !== undefined) await prefer(world, account, ruled.before);
  const quoted = await request({ actor, operation: 'estimate' }, (life) =>
    doors.estimate(world.depsOf(life), account, by, credits),
  );
  if (quoted === null) return;
  const estimate = isRefusal(quoted) ? undefined : await openEstimate(world.signer, quoted.estimateId);
  if (isRefusal(quoted) || estimate === undefined) {
    world.fault(`an estimate is refused: ${told(quoted)}`);
    return;
  }
  const { runUuid } = estimate;
  note(actor, () => `estimate of ${credits} for ${account} → ${runUuid} ${told(quoted.balance)} ${quoted.approval}`);
  oracle.estimated(runUuid, account, credits);
  let first: Held | null = null;
  if (ruled !== undefined) await prefer(world, account, ruled.after);
  const aim = aimed(world, deed);
  const holdSeconds = aim?.holdSeconds ?? deed.holdSeconds;

  const approve = async (): Promise<void> => {
    oracle.approving(runUuid, by);
    const sentAtMs = now();
    const answer = await request({ actor, operation: by === 'user' ? 'approve' : 'approve by rule' }, (life) =>
      doors.approve(world.depsOf(life), account, by, quoted.estimateId, holdSeconds),
    );
    if (answer === null) return;
    note(actor, () => `approve ${runUuid} → ${told(answer)}`);
    if (isRefusal(answer)) {
      oracle.notHeld(runUuid, sentAtMs, answer);
      return;
    }
    oracle.held(runUuid, answer);
    if (first !== null) return;
    const held = {
      runId: answer.runId,
      runUuid,
      held: answer.held,
      expiresAtMs: Date.parse(answer.expiresAt),
      receipt: answer.receipt,
    };
    first = held;
    for (const [at, ending] of deed.endings.entries()) {
      void spawn(() => endRun(world, held, ending, `agent-${1 + ((id + at) % 3)}`));
    }
  };

  if (aim !== null) await park(null, aim.atMs);
  else if (deed.waitMs > 0) await park(null, now() + deed.waitMs);
  const beganMs = now();
  await Promise.all(Array.from({ length: deed.copies }, approve));
  if (deed.againMs === null) return;
  await park(null, Math.max(now(), beganMs + deed.againMs));
  await approve();
};
