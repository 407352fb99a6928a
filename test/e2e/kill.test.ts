import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { getRun } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan } from '../../lib/http/contract/support.ts';
import type { Actor, Asked } from './actor.ts';
import { Api } from './api.ts';
import type { Reply } from './harness.ts';
import { faultsOf } from './invariants.ts';

const WORKERS = 8;
/** How many answers the storm gets before the power goes. */
const ANSWERED_BEFORE = 50;

/** Something that was sent; without an answer, nobody knows yet what became of it. */
interface Sent {
  readonly actor: Actor;
  readonly operation: Operation;
  readonly asked: Asked;
  readonly reply: Reply | null;
}

let api: Api;
let rich: Actor;
let limited: Actor;
beforeAll(async () => {
  api = await Api.open();
  await api.nextNoon();
  rich = await api.user('rich');
  await api.support.ok(assignPlan, { params: { id: rich.sub }, body: { planId: 'pro', reason: 'room' } });
  limited = await api.user('limited');
});
afterAll(() => api.stop());

const killEngine = (): void => {
  const record = join(api.system.dataDir, 'engine.json');
  // An engine given from outside is not ours to end.
  if (!existsSync(record)) return;
  process.kill(z.object({ pid: z.int() }).parse(JSON.parse(readFileSync(record, 'utf8'))).pid, 'SIGKILL');
};

/** Runs from estimate to end, one after the other, by many at once, until `dead`; everything sent is kept. */
const storm = async (log: Sent[], power: { dead: boolean }, enough: () => void): Promise<void> => {
  const send = async (actor: Actor, operation: Operation, asked: Asked): Promise<Reply | null> => {
    const reply = await actor.send(operation, asked).catch((fault: unknown) => {
      // What breaks the contract is no power cut.
      if (!(fault instanceof TypeError)) throw fault;
      return null;
    });
    log.push({ actor, operation, asked, reply });
    if (log.length >= ANSWERED_BEFORE) enough();
    return reply;
  };
  const approved = z.object({ runId: z.string(), receipt: z.string() });
  const work = async (worker: number): Promise<void> => {
    for (let round = 0; !power.dead; round++) {
      const owner = worker === 0 ? limited : rich;
      const quote = await api.quote(owner, 3).catch(() => null);
      if (quote === null) continue;
      const reply = await send(owner, createRun, { body: { estimateId: quote.estimateId } });
      const run = approved.safeParse(reply?.body);
      // Some runs are left held.
      if (!run.success || round % 4 === 3) continue;
      const { runId, receipt } = run.data;
      const proof = worker % 2 ? { receipt } : {};
      const [operation, body] =
        round % 3 === 2
          ? ([failRun, { reason: 'broken' }] as const)
          : ([settleRun, { credits: 1 + (worker % 4) }] as const);
      await send(api.agent, operation, { params: { runId }, body: { ...body, ...proof } });
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
};

test.each([
  { it: 'the system alone', kill: () => api.system.kill() },
  {
    it: 'the system and its database at once',
    kill: () => {
      killEngine();
      return api.system.kill();
    },
  },
])('killed in the middle of approvals and settles, nothing answered is lost: $it', async ({ kill }) => {
  const log: Sent[] = [];
  const power = { dead: false };
  let working = Promise.resolve();
  await new Promise<void>((enough) => {
    working = storm(log, power, enough);
  });
  const nowMs = await api.system.clock.now();
  power.dead = true;
  await kill();
  await working;
  expect(log.filter(({ reply }) => reply === null).length).toBeGreaterThan(0);

  await api.system.restart();
  expect(await api.system.clock.now()).toBe(nowMs);

  const runOf = z.object({ runId: z.string() });
  for (const { actor, operation, asked, reply } of log) {
    const again = await actor.send(operation, asked);
    // An answer given stands; what got none is done now, if it was not done then.
    if (reply !== null && reply.status < 400) {
      expect({ status: again.status, body: again.body }).toEqual({ status: reply.status, body: reply.body });
    } else if (reply === null && actor !== limited) {
      expect(again.status).toBe(operation.status);
    }
    const run = runOf.safeParse(again.body);
    if (!run.success || operation !== createRun) continue;
    expect(await actor.ok(getRun, { params: run.data })).toMatchObject({ accountId: actor.sub, held: 3 });
  }
  for (const { operation, asked, reply } of log.filter((sent) => sent.operation !== createRun)) {
    if (reply !== null && reply.status >= 400) continue;
    const run = await api.agent.ok(getRun, { params: runOf.parse(asked.params) });
    expect(run.status).toBe(operation === settleRun ? 'settled' : 'failed');
  }
  for (const owner of [rich, limited]) expect(await faultsOf(api, owner)).toEqual([]);
});

test('after it all the books are those of the runs: nothing vanished, nothing was counted twice', async () => {
  const runs = await api.history(rich, { kind: 'run' });
  expect(runs.length).toBeGreaterThan(40);
  const charged = runs.reduce((sum, line) => sum + (line.charged ?? 0), 0);
  const { available, held } = await api.balance(rich);
  const granted = (await api.history(rich)).reduce((sum, { kind, credits }) => sum + (kind === 'run' ? 0 : credits), 0);
  expect(available + held + charged).toBe(granted);
  const { used, limit } = (await api.balance(limited)).runsToday;
  expect(used).toBeLessThanOrEqual(limit ?? 0);
});
