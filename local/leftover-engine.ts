import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { readDataFile } from './data-file.ts';
import { type Process, processOf } from './process-of.ts';
import { StartupProblem } from './startup-problem.ts';

/** What an engine writes and reads in its data directory. */
export const engineFiles = (dataDir: string) => ({
  database: join(dataDir, 'dynamodb.sqlite'),
  record: join(dataDir, 'engine.json'),
});

/** The engine that serves a data directory, and who started it. */
const engineRecord = z.object({ pid: z.int(), port: z.int(), startedBy: z.int() });

/** One that has ended has no command line any more. */
const isEngineOf = (database: string, process: Process | undefined): process is Process =>
  process?.command.includes('dynoxide') === true && process.command.includes(`--db-path ${database} `);

const TERM_PATIENCE_MS = 2_000;

/**
 * Ends the engine a killed start has left behind, so that two never write one database. Only a process that is that engine by its
 * command line is touched (a process id may be another's by now), and not one whose starter still runs: that is a `StartupProblem`.
 */
export const endLeftover = async (dataDir: string): Promise<void> => {
  const { database, record } = engineFiles(dataDir);
  const recorded = readDataFile(record, engineRecord);
  if (!recorded) return;
  const { pid, startedBy } = recorded;
  const running = processOf(pid);
  if (!isEngineOf(database, running)) return;
  if (running.parent === startedBy) {
    throw new StartupProblem(
      `Another start (process ${startedBy}) is using ${database}. End it, or give this one its own data: CREDITS_DATA_DIR=.local/second npm start`,
    );
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    for (let waited = 0; waited < TERM_PATIENCE_MS; waited += 20) {
      await sleep(20);
      if (!isEngineOf(database, processOf(pid))) return;
    }
  }
  throw new StartupProblem(`The database engine of an earlier start (process ${pid}) cannot be ended.`);
};
