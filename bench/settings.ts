import { parseArgs } from 'node:util';

export interface Settings {
  /** Samples of each timing. */
  readonly runs: number;
  /** Rushes of 64 agents. */
  readonly rounds: number;
  /** Accounts that cross midnight. */
  readonly accounts: number;
  /** Imports of each bundle. */
  readonly imports: number;
  /** Writes docs/performance.md. */
  readonly write: boolean;
}

const whole = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number of 1 or more, not ${text}`);
  return value;
};

/** Throws on a flag it does not know. */
export const readSettings = (args: readonly string[]): Settings => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '1200' },
      rounds: { type: 'string', default: '3' },
      accounts: { type: 'string', default: '2000' },
      imports: { type: 'string', default: '25' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    runs: whole('runs', values.runs),
    rounds: whole('rounds', values.rounds),
    accounts: whole('accounts', values.accounts),
    imports: whole('imports', values.imports),
    write: values.write,
  };
};
