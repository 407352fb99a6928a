import { parseArgs } from 'node:util';
import { SHARDS } from '../../lib/domain/shards.ts';
import { MAX_SPENT } from './member-kind.ts';

export interface Settings {
  /** Accounts that cross midnight. */
  readonly accounts: number;
  /** The share of them that has spent free credits and has nothing else due. */
  readonly spent: number;
  /** Shards swept at once: the shards are dealt out evenly over these settings. */
  readonly workers: readonly number[];
  /** Writes docs/scale.md. */
  readonly write: boolean;
}

const whole = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} takes whole numbers of ${least} or more, not ${text}`);
  return value;
};

const share = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0 && value <= MAX_SPENT)) throw new Error(`--spent takes a share from 0 to ${MAX_SPENT}, not ${text}`);
  return value;
};

/** Throws on a flag it does not know. */
export const readSettings = (args: readonly string[]): Settings => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      accounts: { type: 'string', default: '100000' },
      spent: { type: 'string', default: '0.1' },
      workers: { type: 'string', default: '1,2,4,8' },
      write: { type: 'boolean', default: false },
    },
  });
  const workers = values.workers.split(',').map((text) => whole('workers', text, 1));
  if (workers.length > SHARDS)
    throw new Error(`--workers takes at most ${SHARDS} settings: there are ${SHARDS} shards`);
  return {
    accounts: whole('accounts', values.accounts, 1000),
    spent: share(values.spent),
    workers,
    write: values.write,
  };
};
