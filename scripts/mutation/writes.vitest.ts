import { defineConfig } from 'vitest/config';

/** The layers that carry decisions out. Tests that start processes are left out: a mutant is not in their bundles. */
export default defineConfig({
  test: {
    include: [
      'test/shared/{audit,buckets,dead-letters,backfill,disposition,objects,storage}/**/*.test.ts',
      'test/functions/{runtime,failed-event}.test.ts',
    ],
  },
});
