import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type * as z from 'zod/mini';
import { writeDataFile } from '../data-file.ts';
import { StartupProblem } from '../startup-problem.ts';

/** A file to which every transaction adds one line. */
export interface Journal<Line> {
  /** What it held when it was opened, oldest first. */
  readonly lines: readonly Line[];
  /** Whole or not at all: a line that a kill has cut short is not there when the file is opened again. */
  readonly append: (line: object) => void;
  /** One line in the place of all, so that the file does not grow from start to start. */
  readonly replace: (line: object) => void;
}

/** Without a path nothing is kept. A file with a line that is not of the form is a `StartupProblem`. */
export const openJournal = <Line>(path: string | undefined, schema: z.ZodMiniType<Line>): Journal<Line> => {
  if (path === undefined) return { lines: [], append: () => {}, replace: () => {} };
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  try {
    return {
      lines: whole.split('\n').flatMap((line) => (line === '' ? [] : [schema.parse(JSON.parse(line))])),
      append: (line) => appendFileSync(path, `${JSON.stringify(line)}\n`),
      replace: (line) => writeDataFile(path, line),
    };
  } catch {
    throw new StartupProblem(`${path} cannot be read as what it should hold. Delete it to start it anew.`);
  }
};
