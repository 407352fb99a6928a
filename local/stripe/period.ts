import { addMonthsMs, DAY_MS, SECOND_MS } from '../../lib/domain/time.ts';
import type { Price } from './records.ts';

const DAYS = { day: 1, week: 7 } as const;
const MONTHS = { month: 1, year: 12 } as const;

/**
 * The first end of a period after `afterS`, counted in whole intervals from the anchor: from the 31st it falls on a shorter month's last day and
 * is back on the 31st where there is one. https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
export const periodEndAfter = (
  { interval, intervalCount }: Pick<Price, 'interval' | 'intervalCount'>,
  anchorS: number,
  afterS: number,
): number => {
  if (interval === null) throw new Error('What is bought once has no period');
  const anchorMs = anchorS * SECOND_MS;
  const after = (steps: number): number =>
    interval === 'month' || interval === 'year'
      ? addMonthsMs(anchorMs, steps * intervalCount * MONTHS[interval])
      : anchorMs + steps * intervalCount * DAYS[interval] * DAY_MS;
  // No interval is longer than this, so that the count starts at or before the one it looks for.
  const longestMs = intervalCount * (interval === 'month' ? 31 : interval === 'year' ? 366 : DAYS[interval]) * DAY_MS;
  let steps = Math.max(1, Math.floor((afterS * SECOND_MS - anchorMs) / longestMs));
  while (after(steps) <= afterS * SECOND_MS) steps += 1;
  return after(steps) / SECOND_MS;
};
