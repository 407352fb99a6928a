import type { Actor } from '../../test/e2e/actor.ts';
import type { Entry } from '../../test/e2e/api.ts';
import { faultsOf } from '../../test/e2e/invariants.ts';
import type { Scene } from './scene.ts';

/** Everything an agent was told of a run's end is in the history, in the same words. */
const lostEnds = ({ told }: Scene, owner: Actor, lines: readonly Entry[]): string[] => {
  const runs = new Map(lines.map((line) => [line.id, line]));
  return [...told.ends].flatMap(([runId, end]) => {
    if (end.owner !== owner) return [];
    const line = runs.get(runId);
    const isThere = line?.status === end.status && line.charged === end.charged;
    return isThere
      ? []
      : [`${runId} was answered ${end.status} ${end.charged}, and history has ${JSON.stringify(line)}`];
  });
};

/** R17: each payment that succeeded has given its credits once. */
const badPayments = ({ told }: Scene, owner: Actor, lines: readonly Entry[]): string[] =>
  told.paid.flatMap((paid) => {
    if (paid.owner !== owner) return [];
    const grants = lines.filter(({ kind, payment }) => kind === 'grant' && payment === paid.paymentIntentId);
    const isOnce = grants.length === 1 && grants[0]?.credits === paid.credits;
    return isOnce ? [] : [`${paid.paymentIntentId} paid for ${paid.credits} and gave ${JSON.stringify(grants)}`];
  });

export interface Verdict {
  readonly lines: number;
  /** Of each account whose balance is wrong, what is wrong with it. */
  readonly wrong: readonly { readonly accountId: string; readonly faults: readonly string[] }[];
}

/** Every account, recomputed from what the API alone tells (I1 to I5), and held against what was answered while the load ran. */
export const judge = async (scene: Scene): Promise<Verdict> => {
  let count = 0;
  const wrong: { accountId: string; faults: readonly string[] }[] = [];
  for (const owner of scene.owners) {
    const lines = await scene.api.history(owner);
    count += lines.length;
    const faults = [
      ...(await faultsOf(scene.api, owner)),
      ...lostEnds(scene, owner, lines),
      ...badPayments(scene, owner, lines),
    ];
    if (faults.length > 0) wrong.push({ accountId: owner.sub, faults });
  }
  return { lines: count, wrong };
};
