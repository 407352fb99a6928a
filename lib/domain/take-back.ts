import type { Account, Back, Grant, Share } from './account.ts';
import { isAlive } from './draw.ts';
import type { Entry } from './entry.ts';
import { record, type Step, withGrant } from './give-back.ts';

/** R20: credits that go with the money: all while a dispute is open, else in proportion, rounded down in the account's favour. */
export const dueBack = (granted: number, share: Share | null): number => {
  if (share === null || share.paid <= 0) return 0;
  if (share.frozen || share.out >= share.paid) return granted;
  return Number((BigInt(granted) * BigInt(share.out)) / BigInt(share.paid));
};

export const backOf = (grant: Grant): Back => grant.back ?? { taken: 0, owed: 0 };

export const withBack = ({ back: _, ...grant }: Grant, back: Back): Grant =>
  back.taken === 0 && back.owed === 0 ? grant : { ...grant, back };

/** More is due: what is there is taken, the rest is owed. Never below zero. */
const take = (grant: Grant, more: number): Grant => {
  const { taken, owed } = backOf(grant);
  const now = Math.min(grant.remaining, more);
  return withBack({ ...grant, remaining: grant.remaining - now }, { taken: taken + now, owed: owed + more - now });
};

/** Less is due: what was owed is forgiven first, then what was taken comes back, to a grant that still lives. */
const restore = (grant: Grant, less: number, atMs: number): Grant => {
  const { taken, owed } = backOf(grant);
  const forgiven = Math.min(owed, less);
  const returned = less - forgiven;
  const back = { taken: taken - returned, owed: owed - forgiven };
  return withBack({ ...grant, remaining: grant.remaining + (isAlive(grant, atMs) ? returned : 0) }, back);
};

type Line = Pick<Entry, 'atMs' | 'reason' | 'payment' | 'actor' | 'note'>;

/**
 * R20: makes what has gone, or must still go, from a grant exactly `due`: takes more, or restores. One line, which says what could
 * not be taken; none where nothing changes. A grant that is gone has nothing left to take or to restore.
 */
export const takeBack = (account: Account, grantId: number, due: number, line: Line): Step => {
  const grant = account.grants.find((each) => each.id === grantId);
  if (grant === undefined) return { account, entries: [] };
  const { taken, owed } = backOf(grant);
  const delta = due - taken - owed;
  if (delta === 0) return { account, entries: [] };
  const next = delta > 0 ? take(grant, delta) : restore(grant, -delta, line.atMs);
  const credits = next.remaining - grant.remaining;
  const changes = credits === 0 ? [] : [{ grantId, kind: grant.kind, credits }];
  return record(withGrant(account, next), { ...line, kind: 'clawback', changes, ...shortfallOf(backOf(next).owed) });
};

/** R20: the line for a purchase whose credits are gone: nothing can be taken. */
export const noteShortfall = (account: Account, shortfall: number, line: Line): Step =>
  record(account, { ...line, kind: 'clawback', changes: [], ...shortfallOf(shortfall) });

const shortfallOf = (shortfall: number): Pick<Entry, 'shortfall'> => (shortfall === 0 ? {} : { shortfall });
