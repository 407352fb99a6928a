import { describe, expect, test } from 'vitest';
import { problemOf } from '../../lib/http/problem.ts';

describe('Retry-After is whole seconds, and never none (RFC 9110, 10.2.3)', () => {
  const resetsAtMs = Date.parse('2026-03-06T00:00:00.000Z');

  test.each([
    { it: 'a moment before midnight', nowMs: resetsAtMs - 1, retryAfter: '1' },
    { it: 'a second and a bit before', nowMs: resetsAtMs - 1001, retryAfter: '2' },
    { it: 'refused before midnight, answered at it', nowMs: resetsAtMs, retryAfter: '1' },
    { it: 'refused before midnight, answered after it', nowMs: resetsAtMs + 1_611_000, retryAfter: '1' },
  ])('the daily run limit, $it', ({ nowMs, retryAfter }) => {
    const { status, headers } = problemOf({ refused: 'daily_run_limit_reached', limit: 3, resetsAtMs }, nowMs);
    expect({ status, headers }).toEqual({ status: 429, headers: { 'retry-after': retryAfter } });
  });
});
