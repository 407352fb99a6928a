import { randomUUID } from 'node:crypto';
import { Api } from '../../test/e2e/api.ts';
import { startChecked } from '../../test/e2e/contract-check.ts';
import { audit } from './audit.ts';
import { runLoad } from './load.ts';
import { isFlat, processesOf, type Sample, sampleOf } from './memory.ts';
import type { Scene } from './scene.ts';
import type { Settings } from './settings.ts';
import { shownCalls, shownMemory, shownPace } from './show.ts';
import { Tally } from './tally.ts';
import { judge } from './verdict.ts';

const MINUTE_MS = 60_000;
const SAMPLE_MS = 2_000;
/** The part of the time before memory is looked at: code is compiled and pools fill. */
const WARM_UP = 1 / 3;

type Say = (text: string) => void;

const openScene = async (api: Api, tally: Tally, accounts: number): Promise<Scene> => {
  const [first, ...others] = await Promise.all(
    Array.from({ length: accounts }, (_, at) => api.user(`owner-${at + 1}`)),
  );
  if (first === undefined) throw new Error('there is no account');
  return {
    api,
    owners: [first, ...others],
    tally,
    told: { ends: new Map(), paid: [], left: [], customers: new Map() },
  };
};

/** The load, and beside it a look at the memory of the processes every now and then. Says how it went. */
const load = async (scene: Scene, settings: Settings, dataDir: string, say: Say): Promise<readonly Sample[]> => {
  const { api, tally } = scene;
  const agents = await Promise.all(
    Array.from({ length: settings.agents }, (_, at) => api.actor(`agent-${at + 1}`, ['credits/agent'])),
  );
  const lengthMs = settings.minutes * MINUTE_MS;
  const beganMs = performance.now();
  const passedMs = () => performance.now() - beganMs;
  const ended = () => passedMs() >= lengthMs;
  const processes = processesOf(dataDir);
  const samples: Sample[] = [];
  const sampling = setInterval(async () => {
    if (processes === undefined || passedMs() < lengthMs * WARM_UP || ended()) return;
    await sampleOf(processes, passedMs() / MINUTE_MS).then(
      (sample) => samples.push(sample),
      (fault: unknown) => tally.breach(`a process is gone: ${String(fault)}`),
    );
  }, SAMPLE_MS);
  const walked = await runLoad(scene, agents, settings, ended).finally(() => clearInterval(sampling));
  say(`\n${shownCalls(tally)}\n\n${shownPace(tally, passedMs())}\n`);
  const { moves, midnights, slowestMs } = walked;
  say(
    `the clock was moved ${moves} times, over ${midnights} midnights; the longest move took ${slowestMs.toFixed(0)} ms`,
  );
  say(shownMemory(samples));
  return samples;
};

/**
 * Mixed load against the whole local system on a data directory of its own, and what is found afterwards. False where something was that must
 * not be: a 5xx, a refusal nobody earned, an answer that breaks the contract, a wrong balance, something answered and lost, drift
 * in the ledger, memory that grows.
 */
export const soak = async (settings: Settings, dataDir: string, say: Say): Promise<boolean> => {
  const table = { CREDITS_TABLE: `soak-${randomUUID()}` };
  const system = await startChecked({ dataDir, env: table });
  try {
    const tally = new Tally();
    const scene = await openScene(await Api.of(tally.around(system)), tally, settings.accounts);
    const { agents, accounts, minutes, seed } = settings;
    say(`${agents} agents on ${accounts} accounts for ${minutes} minutes, seed ${seed} …`);
    const samples = await load(scene, settings, dataDir, say);
    const { lines, wrong } = await judge(scene);
    const { said, isSound } = await audit({ ...table, CREDITS_DATA_DIR: dataDir });
    for (const { accountId, faults } of wrong) say(`WRONG ${accountId}:\n  ${faults.slice(0, 10).join('\n  ')}`);
    for (const breach of tally.breaches) say(`BREACH ${breach}`);
    say(`the audit: ${said}`);
    say(
      `${wrong.length} wrong balances on ${accounts} accounts with ${lines} lines; ${tally.fiveHundreds} answers of 5xx;`,
    );
    say(`${tally.breachCount} things that must not happen`);
    const growing = isFlat(samples.map(({ systemMb }) => systemMb)) === false;
    return wrong.length === 0 && tally.breachCount === 0 && isSound && !growing;
  } finally {
    await system.stop();
  }
};
