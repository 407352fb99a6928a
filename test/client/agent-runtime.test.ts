import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CreditsClient, createCreditsClient } from '../../client/credits-client.ts';
import { type Job, runJob } from '../../examples/agent-runtime.ts';
import { type Actor, through } from '../e2e/actor.ts';
import { Api, HOUR, MINUTE } from '../e2e/api.ts';
import { faultsOf } from '../e2e/invariants.ts';

const COST = 7;
const MOST = 20;
/** No story below takes more: one that does goes round in circles. */
const MANY_STEPS = 200;

let api: Api;
beforeAll(async () => {
  api = await Api.open();
});
afterAll(() => api.stop());

interface Scene {
  readonly owner: Actor;
  readonly approves: 'by hand' | 'by standing rule' | 'never';
  readonly works: boolean;
  /** What is on disk. */
  saved: Job;
}

const open = async (approves: Scene['approves'], works: boolean): Promise<Scene> => {
  const owner = await api.user();
  const autoApproveUpTo = approves === 'by standing rule' ? MOST : null;
  await owner.credits.PUT('/v1/preferences', { body: { autoApproveUpTo } });
  return { owner, approves, works, saved: { accountId: owner.sub, tool: api.metered.id, input: { maxCredits: MOST } } };
};

/** A process dies at its nth step and does nothing ever after. A request and a save have two each: it dies before them and after. */
const mortal = (life: number) => {
  let taken = 0;
  return {
    isDead: () => taken > life,
    step: () => {
      if (++taken > life) throw new Error('the process is dead');
    },
  };
};

const clientOf = (step: () => void): CreditsClient =>
  createCreditsClient({
    baseUrl: api.system.url,
    token: async () => api.agent.token,
    fetch: async (request) => {
      step();
      const answer = await through(api.system)(request);
      step();
      return answer;
    },
    sleep: async () => {},
  });

/** One life of the agent's process on what the last one has left. `undefined`: it died on the way. */
const live = async (scene: Scene, life: number): Promise<string | undefined> => {
  const { step, isDead } = mortal(life);
  const result = await runJob(scene.saved, {
    credits: clientOf(step),
    save: async (job) => {
      step();
      scene.saved = structuredClone(job);
      step();
    },
    askOwner: async (estimateId) => {
      if (scene.approves === 'by hand') await scene.owner.credits.POST('/v1/runs', { body: { estimateId } });
      if (scene.approves === 'never') await api.at((await api.system.clock.now()) + 10 * MINUTE);
      step();
    },
    work: async (_, extend) => {
      await extend();
      if (!scene.works) throw new Error('the model timed out');
      return COST;
    },
  }).catch((fault: unknown) => {
    if (!isDead()) throw fault;
    return undefined;
  });
  return isDead() ? undefined : result;
};

/** What the account was charged, once everything it holds is certain to be over. */
const isCharged = async (scene: Scene, credits: number): Promise<void> => {
  const { owner } = scene;
  expect(await api.balance(owner)).toMatchObject({ available: api.free.dailyFreeCredits - credits, held: 0 });
  const runs = await api.history(owner, { kind: 'run' });
  expect(runs.length).toBeLessThanOrEqual(1);
  expect(runs.map(({ charged }) => charged).filter((charged) => charged !== 0)).toEqual(credits === 0 ? [] : [credits]);
  expect(await faultsOf(api, owner)).toEqual([]);
};

const STORIES = [
  { approves: 'by hand', works: true, ends: 'settled', charged: COST },
  { approves: 'by hand', works: false, ends: 'failed', charged: 0 },
  { approves: 'by standing rule', works: true, ends: 'settled', charged: COST },
  { approves: 'by standing rule', works: false, ends: 'failed', charged: 0 },
] as const;

describe.each(STORIES)(
  'a job approved $approves, whose work succeeds: $works',
  ({ approves, works, ends, charged }) => {
    test('is charged once when nothing interrupts it', async () => {
      await api.nextNoon();
      const scene = await open(approves, works);
      expect(await live(scene, MANY_STEPS)).toBe(ends);
      await isCharged(scene, charged);
    });

    test('is charged the same when its process dies at any step and is started again', async () => {
      await api.nextNoon();
      let deaths = 0;
      for (let life = 1; ; life++) {
        const scene = await open(approves, works);
        const first = await live(scene, life);
        if (first !== undefined) break;
        deaths++;
        expect(await live(scene, MANY_STEPS)).toBe(ends);
        await isCharged(scene, charged);
      }
      // Before and after each of an estimate, an approval, an extension, an end, and the three saves between them.
      expect(deaths).toBeGreaterThanOrEqual(14);
    });

    test('is charged once or not at all when it is started again only after its hold has lapsed', async () => {
      await api.nextNoon();
      const ended = new Set<string | undefined>();
      for (let life = 1; ; life++) {
        const scene = await open(approves, works);
        if ((await live(scene, life)) !== undefined) break;
        await api.at((await api.system.clock.now()) + 2 * HOUR);
        const result = await live(scene, MANY_STEPS);
        ended.add(result);
        await isCharged(scene, result === 'settled' ? charged : 0);
        await api.nextNoon();
      }
      expect([...ended].toSorted()).toEqual(['estimate_expired', ends, 'hold_expired'].toSorted());
    });

    test('is charged the same when each of its processes lives for one step more only', async () => {
      await api.nextNoon();
      const scene = await open(approves, works);
      let result: string | undefined;
      let lives = 0;
      // Six steps: the work with its two extensions, and the save of what it has cost begun.
      for (; result === undefined && lives < MANY_STEPS; lives++) result = await live(scene, 6);
      expect(result).toBe(ends);
      expect(lives).toBeGreaterThan(2);
      await isCharged(scene, charged);
    });
  },
);

test('a job nobody approves holds and costs nothing, and ends with its estimate', async () => {
  await api.nextNoon();
  const scene = await open('never', true);
  expect(await live(scene, MANY_STEPS)).toBe('estimate_expired');
  await isCharged(scene, 0);
});

test('a job the balance does not cover is told so', async () => {
  await api.nextNoon();
  const scene = await open('by standing rule', true);
  scene.saved = { ...scene.saved, input: { maxCredits: api.free.dailyFreeCredits + 1 } };
  await scene.owner.credits.PUT('/v1/preferences', { body: { autoApproveUpTo: 1000 } });
  expect(await live(scene, MANY_STEPS)).toBe('insufficient_credits');
  await isCharged(scene, 0);
});
