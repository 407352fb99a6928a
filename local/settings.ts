import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { StartupProblem } from './startup-problem.ts';

/** What the environment says about one machine's runtime. */
export interface Settings {
  /** 0: any free one. */
  readonly port: number;
  /** A DynamoDB-compatible engine that is there already; then none is started. */
  readonly dynamodbEndpoint: string | undefined;
  /** Absolute. Keys, clock and the embedded engine's database live in it. */
  readonly dataDir: string;
  /** The table's name in the engine. */
  readonly tableName: string;
  /** Whether to walk through the main job in the terminal. */
  readonly story: boolean;
}

export const projectRoot = join(import.meta.dirname, '..');

const environment = z.object({
  PORT: z._default(
    z.string().check(
      z.regex(/^\d{1,5}$/),
      z.refine((port) => Number(port) < 65_536),
    ),
    '3000',
  ),
  DYNAMODB_ENDPOINT: z.optional(z.url({ protocol: /^https?$/ })),
  CREDITS_DATA_DIR: z._default(z.string(), '.local'),
  CREDITS_TABLE: z._default(z.string().check(z.regex(/^[\w.-]{3,255}$/)), 'credits'),
  CREDITS_STORY: z._default(z.enum(['on', 'off']), 'on'),
});

const meaning: Readonly<Record<string, string>> = {
  PORT: 'a port number from 0 to 65535',
  DYNAMODB_ENDPOINT: 'the URL of a DynamoDB, such as http://localhost:8000',
  CREDITS_TABLE: 'a table name: 3 to 255 letters, digits, "_", "-" or "."',
  CREDITS_STORY: '"on" or "off"',
};

/** An empty variable counts as none. Refuses with a `StartupProblem` that names the variable. */
export const readSettings = (env: Readonly<Record<string, string | undefined>>): Settings => {
  const given = Object.fromEntries(Object.keys(environment.shape).map((name) => [name, env[name] || undefined]));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    throw new StartupProblem(names.map((name) => `${name} is "${env[name]}"; it must be ${meaning[name]}.`).join('\n'));
  }
  return {
    port: Number(parsed.data.PORT),
    dynamodbEndpoint: parsed.data.DYNAMODB_ENDPOINT,
    dataDir: resolve(projectRoot, parsed.data.CREDITS_DATA_DIR),
    tableName: parsed.data.CREDITS_TABLE,
    story: parsed.data.CREDITS_STORY === 'on',
  };
};
