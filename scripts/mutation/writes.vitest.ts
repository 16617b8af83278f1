import { defineConfig } from 'vitest/config';

/** The layers that carry decisions out. Tests that start processes are left out: a mutant is not in their bundles. */
export default defineConfig({
  test: {
    include: [
      'test/shared/{audit,buckets,dead-letters,backfill,objects,storage}/**/*.test.ts',
      'test/functions/{failed-event,invocation,runtime,time-budget}.test.ts',
    ],
    // The code is changed so that it counts what is run, and the machine may be slow.
    testTimeout: 120_000,
  },
});
