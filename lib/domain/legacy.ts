/** R28: the relaunch. Credits bought before it are refunded on request. */
export const RELAUNCH_MS = Date.UTC(2026, 2, 24);
