import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StartupProblem } from '../../local/startup-problem.ts';
import { openBench, ROOT } from '../engine.ts';
import { countRun, countStage } from './count.ts';
import { asCostDocument, VOLUMES } from './document.ts';
import { idleLines, keptLines, runLines, totalOf } from './lines.ts';

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
  const bench = await openBench();
  try {
    const run = await countRun(bench);
    const stage = await countStage(bench);
    const machine = {
      command: 'npm run cost -- --write',
      date: new Date().toISOString().slice(0, 10),
      node: process.version,
      cores: `${availableParallelism()} cores`,
      engine: bench.engine,
    };
    for (const runs of VOLUMES) {
      process.stdout.write(`\n$ a million runs, at ${runs / 1e6} M a month\n`);
      const lines = runLines(run, runs);
      for (const { service, from, dollars } of lines)
        process.stdout.write(`${dollars.toFixed(4).padStart(10)}  ${service.padEnd(26)} ${from}\n`);
      process.stdout.write(`${totalOf(lines).toFixed(4).padStart(10)}  together\n`);
    }
    process.stdout.write(`\n$ ${totalOf(idleLines(stage)).toFixed(2)} a month without a run\n`);
    process.stdout.write(`$ ${totalOf(keptLines(run)).toFixed(2)} a month for each million runs kept\n`);
    if (values.write) writeFileSync(join(ROOT, 'docs', 'cost.md'), asCostDocument(run, stage, machine));
  } finally {
    await bench.close();
  }
};

await main().catch((fault: unknown) => {
  const said = fault instanceof StartupProblem ? fault.message : fault instanceof Error ? fault.stack : String(fault);
  process.stderr.write(`${said}\n`);
  process.exitCode = 1;
});
