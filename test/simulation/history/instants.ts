import { estimateExpiresAtMs } from '../../../lib/domain/run-id.ts';
import { MINUTE_MS } from '../../../lib/domain/time.ts';
import type { Ledger } from '../watch/ledger.ts';

/** Where others may be told to meet: instants to come, soonest first. */
export const instantsOf = (
  ledgers: ReadonlyMap<string, Ledger>,
  lastRuns: () => readonly string[],
  now: () => number,
) => {
  const ahead = (all: readonly number[]): readonly number[] =>
    [...new Set(all.filter((each) => each > now()))].sort((a, b) => a - b);

  /** At which something of an account ends by itself. */
  const ends = (accountId: string): readonly number[] => {
    const account = ledgers.get(accountId)?.account ?? null;
    if (account === null) return [];
    const of = [...account.holds.map((hold) => hold.deadlineMs), ...account.grants.map((grant) => grant.expiresAtMs)];
    const grace = account.cycle?.paid?.graceUntilMs ?? null;
    return ahead([account.validUntilMs, ...of, ...(grace === null ? [] : [grace])]);
  };

  const allEnds = (): readonly number[] => ahead([...ledgers.keys()].flatMap(ends));

  /** Those, and the ends of the latest estimates. */
  const instants = (): readonly number[] => {
    const estimates = lastRuns().map(estimateExpiresAtMs);
    return ahead([...allEnds(), ...estimates, ...estimates.map((each) => each + MINUTE_MS)]);
  };

  return { ends, allEnds, instants };
};
