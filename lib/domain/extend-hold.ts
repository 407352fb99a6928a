import type { Hold } from './account.ts';
import { invalid, type Refusal } from './refusal.ts';
import { HOLD_MAX_SECONDS, SECOND_MS } from './time.ts';

/**
 * R7: the deadline after an agent asks for `seconds`: at least so long after the first deadline and at least so long from now,
 * never shorter than it was. A repeat before the first deadline changes nothing, a later one is a heartbeat. Refuses with
 * `hold_expired`, or `validation_failed` where it would outlive 24 hours from the approval.
 */
export const extendedDeadlineMs = (hold: Hold, seconds: number, nowMs: number): number | Refusal => {
  if (nowMs >= hold.deadlineMs) return { refused: 'hold_expired' };
  const askedMs = seconds * SECOND_MS;
  const latestMs = hold.approvedAtMs + HOLD_MAX_SECONDS * SECOND_MS;
  const deadlineMs = Math.max(hold.deadlineMs, hold.firstDeadlineMs + askedMs, nowMs + askedMs);
  if (deadlineMs <= latestMs) return deadlineMs;
  const most = Math.floor((latestMs - Math.max(hold.firstDeadlineMs, nowMs)) / SECOND_MS);
  return invalid('seconds', `at most ${Math.max(0, most)} now: a hold lasts 24 hours from its approval`);
};
