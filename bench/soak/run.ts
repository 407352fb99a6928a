import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupProblem } from '../../local/startup-problem.ts';
import { readSettings } from './settings.ts';
import { soak } from './soak.ts';

const main = async (): Promise<void> => {
  const settings = readSettings(process.argv.slice(2));
  const dataDir = mkdtempSync(join(tmpdir(), 'credits-soak-'));
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    if (!(await soak(settings, dataDir, say))) process.exitCode = 1;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
};

await main().catch((fault: unknown) => {
  process.stderr.write(
    `${fault instanceof StartupProblem ? fault.message : String(fault instanceof Error ? fault.stack : fault)}\n`,
  );
  process.exitCode = 1;
});
