import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/engine.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores, and every end-to-end test runs a server and an engine of its own.
    maxWorkers: 2,
  },
});
