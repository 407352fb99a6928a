import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { StartupProblem } from '../../local/startup-problem.ts';

const number = (least: number, most: number) => z.coerce.number().check(z.gte(least), z.lte(most));
const whole = (least: number, most: number) => number(least, most).check(z.multipleOf(1));

const settings = z.strictObject({
  minutes: z._default(number(0.1, 120), 10),
  agents: z._default(whole(1, 500), 50),
  accounts: z._default(whole(1, 500), 20),
  /** Chooses what is done and in which order; how it meets on the way is up to the machine. */
  seed: z._default(whole(0, 2 ** 31), 1),
  /** What an agent waits between two jobs, at most; half of it on average. */
  pauseMs: z._default(whole(0, 60_000), 5000),
});
export type Settings = z.infer<typeof settings>;

const TEXT = { type: 'string' } as const;

/** `--minutes 10 --agents 50 --accounts 20 --seed 1 --pause-ms 5000`, all of them optional. */
export const readSettings = (args: readonly string[]): Settings => {
  const options = { minutes: TEXT, agents: TEXT, accounts: TEXT, seed: TEXT, 'pause-ms': TEXT };
  const { 'pause-ms': pauseMs, ...values } = parseArgs({ args: [...args], options }).values;
  const parsed = settings.safeParse({ ...values, ...(pauseMs === undefined ? {} : { pauseMs }) });
  if (parsed.success) return parsed.data;
  throw new StartupProblem(
    parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'),
  );
};
