import { crashPoints } from '../crash/crash-points.ts';
import { planOf } from '../history/plan-of.ts';
import { kindOfFailure, shrink } from '../history/shrink.ts';
import { tellHistory } from '../history/tell-history.ts';
import { schedulesChangeNothing } from '../schedules/schedules-change-nothing.ts';
import { tellSeeds } from './tell-seeds.ts';

/** What the command has a process do, and what it answers: JSON on its arguments, JSON lines on its standard output. */
const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const [what = '', from = '1', to = '2', every = '1'] = process.argv.slice(2);
const seeds = { from: Number(from), to: Number(to), every: Number(every) };

const work = async (): Promise<void> => {
  switch (what) {
    case 'histories': {
      // Many errors are thrown and caught; where from is of no interest until one is told in words.
      Error.stackTraceLimit = 0;
      return say({ done: await tellSeeds(seeds, ({ histories }, seed) => say({ histories, seed })) });
    }
    case 'shrink': {
      const plan = planOf(seeds.from);
      const { told, tries, plan: left } = await shrink(plan, kindOfFailure(await tellHistory(plan)));
      return say({ done: { trace: told.trace, failures: told.failures, tries, plan: left } });
    }
    case 'crash-points':
      return say({ done: await crashPoints() });
    case 'schedules':
      return say({ done: await schedulesChangeNothing(seeds) });
    default:
      throw new Error(`there is no work called ${what}`);
  }
};

await work();
