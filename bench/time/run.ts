import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupProblem } from '../../local/startup-problem.ts';
import { type Bench, openBench, ROOT } from '../engine.ts';
import { isFailure, type Section } from '../figure.ts';
import { asText } from '../show.ts';
import { thisMachine } from '../this-machine.ts';
import { type Crossing, cross } from './crossing.ts';
import { asScaleDocument } from './document.ts';
import { costs, exactness, pace } from './figures.ts';
import { basisOf } from './forecast.ts';
import { readSettings, type Settings } from './settings.ts';

/** The smaller run: what it needs of memory is compared with what the larger one needs. */
const SMALLER = 10;

const crossWith = async (bench: Bench, accounts: number, { spent, workers }: Settings): Promise<Crossing> => {
  const startMs = performance.now();
  process.stderr.write(`${accounts.toLocaleString('en-US')} accounts cross midnight … `);
  const crossing = await cross(await bench.openStackTable(), accounts, spent, workers);
  process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
  return crossing;
};

const commandOf = ({ accounts, spent, workers }: Settings): string =>
  `npm run bench:time -- --accounts ${accounts} --spent ${spent} --workers ${workers.join(',')} --write`;

const main = async (): Promise<void> => {
  const settings = readSettings(process.argv.slice(2));
  const bench = await openBench();
  try {
    const small = await crossWith(bench, Math.ceil(settings.accounts / SMALLER), settings);
    const large = await crossWith(bench, settings.accounts, settings);
    const sections: readonly Section[] = [exactness(large), costs(large), pace(small, large)];
    const machine = thisMachine(commandOf(settings), bench.engine);
    process.stdout.write(`\n${asText(sections)}\n\nNode ${machine.node}, ${machine.cores}, ${machine.engine}\n`);
    if (settings.write) {
      mkdirSync(join(ROOT, 'docs'), { recursive: true });
      writeFileSync(join(ROOT, 'docs', 'scale.md'), asScaleDocument(sections, basisOf(large), machine));
    }
    if ([...sections, exactness(small)].some((section) => section.figures.some(isFailure))) process.exitCode = 1;
  } finally {
    await bench.close();
  }
};

await main().catch((fault: unknown) => {
  process.stderr.write(
    `${fault instanceof StartupProblem ? fault.message : String(fault instanceof Error ? fault.stack : fault)}\n`,
  );
  process.exitCode = 1;
});
