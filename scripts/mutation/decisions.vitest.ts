import { defineConfig } from 'vitest/config';

/**
 * Signatures and decisions are pure and have tests of their own. Tests through the server are left out: every request checks a
 * signature, so that each mutant would run them all.
 */
export default defineConfig({
  test: {
    include: [
      'test/local/oss/signature*.test.ts',
      'test/shared/objects/**/*.test.ts',
      'test/shared/buckets/**/*.test.ts',
      'test/shared/matters/hold-rules.test.ts',
    ],
    // The code is changed so that it counts what is run, and the machine may be slow.
    testTimeout: 120_000,
  },
});
