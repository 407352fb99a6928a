import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { history, openAuditWorld } from './audit-world.ts';

// A process that is killed on purpose is no news here.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('nothing is found where nothing is wrong', () => {
  test('whatever two accounts do, buy, give back and leave half done, after every step', {
    timeout: 240_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const audited = await openAuditWorld();
        for (const [at, { waitMs, deed }] of steps.entries()) {
          audited.world.nowMs += waitMs;
          await audited.act(at % 5 === 4 ? 'bob' : 'ann', deed);
          const { found, failed } = await audited.auditAll();
          expect({ found, failed, after: deed }).toEqual({ found: [], failed: [], after: deed });
        }
      }),
      { numRuns: 25 },
    );
  });
});
