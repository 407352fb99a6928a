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
