import { accessSync, chmodSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StartupProblem } from './startup-problem.ts';

const PACKAGE = '@dynoxide/linux-x64';

/** Directories in which packages are looked for, as Node looks for them. */
export type Resolve = (name: string) => string;

const fromHere: Resolve = (name) => createRequire(import.meta.url).resolve(name);

/** The embedded engine's program; where it is not installed, a `StartupProblem` that says how to get another engine. */
export const engineProgram = (resolve: Resolve = fromHere): string => {
  let program: string;
  try {
    program = join(resolve(`${PACKAGE}/package.json`), '../dynoxide');
    accessSync(program, constants.R_OK);
  } catch {
    throw new StartupProblem(
      [
        `The embedded database engine (${PACKAGE}) is not installed; it is for Linux on x64, and this is ${process.platform} on ${process.arch}.`,
        'Start any DynamoDB-compatible engine, for instance AWS’s DynamoDB Local:',
        '  docker run -p 8000:8000 amazon/dynamodb-local',
        'and then:',
        '  DYNAMODB_ENDPOINT=http://localhost:8000 npm start',
      ].join('\n'),
    );
  }
  try {
    accessSync(program, constants.X_OK);
  } catch {
    chmodSync(program, 0o755);
  }
  return program;
};
