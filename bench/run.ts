import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupProblem } from '../local/startup-problem.ts';
import { accountItem } from './account-item.ts';
import { agents } from './agents.ts';
import { type Bench, openBench, ROOT } from './engine.ts';
import { isFailure, type Section } from './figure.ts';
import { hotBundles } from './hot-bundles.ts';
import { hotPath } from './hot-path.ts';
import { latency } from './latency.ts';
import { midnight } from './midnight.ts';
import { rareWrites } from './rare-writes.ts';
import { readSettings, type Settings } from './settings.ts';
import { asDocument, asText } from './show.ts';
import { thisMachine } from './this-machine.ts';

/** Deterministic sections first; nothing else runs while one does. */
const measureAll = async (bench: Bench, settings: Settings): Promise<readonly Section[]> => {
  const sections: Section[] = [];
  const steps: readonly (readonly [doing: string, measure: () => Promise<Section>])[] = [
    ['the hot path', () => hotPath(bench)],
    ['what is written now and then', () => rareWrites(bench)],
    ['64 agents at once', () => agents(bench, settings.rounds)],
    ['the account item', () => accountItem(bench)],
    ['midnight', () => midnight(bench, settings.accounts)],
    ['bundles', () => hotBundles(bench, settings.imports)],
    ['times', () => latency(bench, settings.runs)],
  ];
  for (const [doing, measure] of steps) {
    const startMs = performance.now();
    process.stderr.write(`measuring ${doing} … `);
    sections.push(await measure());
    process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
  }
  return sections;
};

const main = async (): Promise<void> => {
  const settings = readSettings(process.argv.slice(2));
  const bench = await openBench();
  try {
    const sections = await measureAll(bench, settings);
    const machine = thisMachine('npm run bench -- --write', bench.engine);
    process.stdout.write(`\n${asText(sections)}\n\nNode ${machine.node}, ${machine.cores}, ${machine.engine}\n`);
    if (settings.write) {
      mkdirSync(join(ROOT, 'docs'), { recursive: true });
      writeFileSync(join(ROOT, 'docs', 'performance.md'), asDocument(sections, machine));
    }
    if (sections.some((section) => section.figures.some(isFailure))) process.exitCode = 1;
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
