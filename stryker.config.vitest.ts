import { defineConfig } from 'vitest/config';

/** The tests of the core alone: no engine, no server. */
export default defineConfig({
  test: {
    include: ['test/domain/**/*.test.ts'],
    setupFiles: ['stryker.config.setup.ts'],
    testTimeout: 60_000,
  },
});
