import type { Plan, Planned } from './plan.ts';
import { type Told, tellHistory } from './tell-history.ts';

const withPlanned = (plan: Plan, keep: (planned: Planned) => boolean): Plan => ({
  ...plan,
  scenes: plan.scenes.map((scene) => ({ ...scene, planned: scene.planned.filter(keep) })),
});

const withDeed = (plan: Plan, id: number, change: (planned: Planned) => Planned): Plan => ({
  ...plan,
  scenes: plan.scenes.map((scene) => ({
    ...scene,
    planned: scene.planned.map((planned) => (planned.id === id ? change(planned) : planned)),
  })),
});

/** Simpler plans than this one, the boldest first: without a deed, a kind of fault, a copy, an ending. */
const simpler = function* (plan: Plan): Generator<Plan> {
  const all = plan.scenes.flatMap((scene) => scene.planned);
  for (const { id } of all) yield withPlanned(plan, (planned) => planned.id !== id);
  const { weather } = plan;
  for (const name of ['killed', 'stalled', 'skewMs', 'stripeFails'] as const) {
    if (weather[name] > 0) yield { ...plan, weather: { ...weather, [name]: 0 } };
  }
  for (const [fault, rate] of Object.entries(weather.rates)) {
    if (rate > 0) yield { ...plan, weather: { ...weather, rates: { ...weather.rates, [fault]: 0 } } };
  }
  for (const { id, deed } of all) {
    if ('copies' in deed && deed.copies > 1)
      yield withDeed(plan, id, (planned) => ({ ...planned, deed: { ...deed, copies: 1 } }));
    if (deed.what === 'stripe' && deed.deliveries.length > 1) {
      yield withDeed(plan, id, (planned) => ({ ...planned, deed: { ...deed, deliveries: deed.deliveries.slice(1) } }));
    }
    if (deed.what !== 'run') continue;
    if (deed.againMs !== null)
      yield withDeed(plan, id, (planned) => ({ ...planned, deed: { ...deed, againMs: null } }));
    for (const at of deed.endings.keys()) {
      const endings = deed.endings.filter((_, each) => each !== at);
      yield withDeed(plan, id, (planned) => ({ ...planned, deed: { ...deed, endings } }));
    }
  }
  for (const at of plan.scenes.keys()) {
    const scene = plan.scenes[at];
    if (scene?.planned.length === 0 && plan.scenes.length > 1)
      yield { ...plan, scenes: plan.scenes.filter((_, each) => each !== at) };
  }
};

/** What is wrong, without the numbers: a simpler plan must fail of the same. */
export const kindOfFailure = (told: Told): string =>
  (told.failures[0] ?? '').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '').slice(0, 60);

export interface Shrunk {
  readonly plan: Plan;
  readonly tries: number;
  /** Told once more, in words. */
  readonly told: Told;
}

/** Leaves out of a failing plan whatever can be left out while it still fails of the same, and tells what remains in words. */
export const shrink = async (failing: Plan, kind: string, mostTries = 600): Promise<Shrunk> => {
  let plan = failing;
  let tries = 0;
  for (let again = true; again; ) {
    again = false;
    for (const candidate of simpler(plan)) {
      if (++tries > mostTries) break;
      if (kindOfFailure(await tellHistory(candidate)) !== kind) continue;
      [plan, again] = [candidate, true];
      break;
    }
  }
  return { plan, tries, told: await tellHistory(plan, { trace: true }) };
};
