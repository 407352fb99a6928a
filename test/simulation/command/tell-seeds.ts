import { planOf } from '../history/plan-of.ts';
import { tellHistory } from '../history/tell-history.ts';
import { addTold, newTally, type Tally } from './tally.ts';

/** Tells the histories of seeds `from`, `from + every`, … below `to`; stops at the first that fails. `progress` hears now and then. */
export const tellSeeds = async (
  { from, to, every }: { readonly from: number; readonly to: number; readonly every: number },
  progress: (tally: Tally, seed: number) => void = () => undefined,
): Promise<Tally> => {
  const tally = newTally();
  for (let seed = from; seed < to; seed += every) {
    const places: string[] = [];
    const told = await tellHistory(planOf(seed), { trace: false, killedAt: (place) => places.push(place) });
    addTold(tally, seed, told, places);
    if (told.failures.length > 0) break;
    if (tally.histories % 50 === 0) progress(tally, seed);
  }
  return tally;
};
