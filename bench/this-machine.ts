import { availableParallelism, cpus } from 'node:os';
import type { Machine } from './show.ts';

/** Where and when a bench's figures were taken, and by which command. */
export const thisMachine = (command: string, engine: string): Machine => ({
  command,
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cores: `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`,
  engine,
});
