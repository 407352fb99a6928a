import { isRunUuid } from '../domain/run-id.ts';

export interface RunRef {
  readonly accountId: string;
  readonly runUuid: string;
}

/** A run's id as the API shows it: its UUIDv7, then its account, so that it leads there without a lookup. */
export const formatRunId = ({ accountId, runUuid }: RunRef): string =>
  `${runUuid}.${Buffer.from(accountId, 'utf8').toString('base64url')}`;

/** `undefined` for what is no run's id, or not the one way to write it. */
export const parseRunId = (runId: string): RunRef | undefined => {
  const runUuid = runId.slice(0, 36);
  const accountId = Buffer.from(runId.slice(37), 'base64url').toString('utf8');
  const ref = { accountId, runUuid };
  return isRunUuid(runUuid) && accountId !== '' && formatRunId(ref) === runId ? ref : undefined;
};
