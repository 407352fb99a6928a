import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Textbook, TextbookAccount } from './textbook.ts';

export interface TextbookTally {
  readonly admitted: number;
  /** First transactions that lost against another agent's. */
  readonly firstTriesLost: number;
  /** Transactions beyond one for each agent. */
  readonly extraTries: number;
  readonly lastAnswerMs: number;
}

const MAX_TRIES = 50;

/** Up to 10, 20, 40 … 320 ms at random, as the product backs off. */
const backOff = (tries: number): Promise<void> => pause(Math.ceil(Math.random() * 10 * 2 ** Math.min(tries, 5)));

/** One agent's hold, tried again on what the account is now until it is placed or there is not enough. */
const holdAnyhow = async (
  textbook: Textbook,
  estimatedOn: TextbookAccount,
  accountId: string,
  credits: number,
): Promise<{ readonly admitted: boolean; readonly tries: number; readonly firstLost: boolean }> => {
  const run = { accountId, runId: randomUUID(), credits };
  let seen = estimatedOn;
  let firstLost = false;
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const outcome = await textbook.hold(seen, run, Date.now());
    if (outcome === 'done') return { admitted: true, tries, firstLost };
    seen = await textbook.read(accountId);
    if (seen.balance < credits) return { admitted: false, tries, firstLost };
    firstLost ||= tries === 1;
    await backOff(tries);
  }
  throw new Error(`no hold after ${MAX_TRIES} tries`);
};

/** So many agents at once, each with an estimate made from the account as it was before any of them. */
export const textbookRush = async (
  textbook: Textbook,
  accountId: string,
  agents: number,
  credits: number,
): Promise<TextbookTally> => {
  const estimatedOn = await textbook.read(accountId);
  const startMs = performance.now();
  const holds = await Promise.all(
    Array.from({ length: agents }, () => holdAnyhow(textbook, estimatedOn, accountId, credits)),
  );
  return {
    admitted: holds.filter(({ admitted }) => admitted).length,
    firstTriesLost: holds.filter(({ firstLost }) => firstLost).length,
    extraTries: holds.reduce((sum, { tries }) => sum + tries, 0) - agents,
    lastAnswerMs: performance.now() - startMs,
  };
};
