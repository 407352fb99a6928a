import { readFileSync } from 'node:fs';

/** A process of this machine as Linux shows it. */
export interface Process {
  readonly parent: number;
  /** Program and arguments, a space after each; empty for one that has ended and waits to be noticed. */
  readonly command: string;
}

/** `undefined` where there is no such process, or no `/proc`. */
export const processOf = (pid: number): Process | undefined => {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    // `pid (name) state ppid …`, where the name may hold anything.
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
};

const npmAbove = (pid: number): number[] | undefined => {
  const found = processOf(pid);
  if (!found) return undefined;
  if (found.command.startsWith('npm ')) return [pid];
  const above = npmAbove(found.parent);
  return above && [pid, ...above];
};

/** The processes above this one up to npm; without an npm that can be seen, the parent alone. Another value: one of them is gone. */
export const lineage = (): string => (npmAbove(process.ppid) ?? [process.ppid]).join();
