export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** R2: how long an estimate may be approved. */
export const ESTIMATE_VALID_MS = 15 * MINUTE_MS;
/** R7: a hold's deadline by default, and the most it can ever be after its approval. */
export const HOLD_DEFAULT_SECONDS = 3600;
export const HOLD_MAX_SECONDS = 86_400;
/** R15: how long paid credits live that come back to a grant which has died meanwhile. */
export const RETURNED_VALID_MS = DAY_MS;

/** The UTC day an instant falls in, counted from 1970-01-01. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

/** The first instant of the UTC day after the one `ms` falls in. */
export const nextMidnightMs = (ms: number): number => (dayOf(ms) + 1) * DAY_MS;

/**
 * `months` calendar months after an anchor, the day clamped to the month's last (R13, R14). Always counted from the anchor,
 * never step by step: from the 31st, one month leads to the 28th of February and two to the 31st of March.
 */
export const addMonthsMs = (anchorMs: number, months: number): number => {
  const anchor = new Date(anchorMs);
  const year = anchor.getUTCFullYear();
  const month = anchor.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(anchor.getUTCDate(), lastDay)) + (anchorMs - dayOf(anchorMs) * DAY_MS);
};
