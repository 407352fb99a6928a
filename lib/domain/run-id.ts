import { ESTIMATE_VALID_MS, MINUTE_MS } from './time.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isRunUuid = (text: string): boolean => UUID_V7.test(text);

/**
 * What remembers that a run has ended while its estimate could still be sent again: the first 12 bytes of its UUID, which
 * hold its time and 42 random bits. Short because it sits on the account item.
 */
export const tombstoneOf = (runUuid: string): string => runUuid.slice(0, 28);

/** The instant in a UUIDv7 (RFC 9562, section 5.7): for a run, that of its estimate. A tombstone has it too. */
export const uuidTimeMs = (uuid: string): number => Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);

/** The first 13 characters of every UUIDv7 of that millisecond: history is sorted by it. */
export const uuidTimePrefix = (ms: number): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};

/** An approval under way when its estimate expires may still write; no request lives as long as a minute. */
const APPROVAL_MAY_TAKE_MS = MINUTE_MS;

/** How long a tombstone is kept: until no approval of its estimate can still make a hold. */
export const tombstoneEndsAtMs = (tombstone: string): number => estimateExpiresAtMs(tombstone) + APPROVAL_MAY_TAKE_MS;

/** From this instant on no approval of the run's estimate makes a hold, so nothing need remember that it ended. */
export const estimateExpiresAtMs = (runUuid: string): number => uuidTimeMs(runUuid) + ESTIMATE_VALID_MS;
