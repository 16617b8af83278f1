import { defineConfig } from 'vitest/config';

/**
 * The WORM rules are tested through the server, where they are enforced. The tests of faults need the built bundles, and that of the
 * documents needs them: neither is in the run.
 */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts', 'test/local/oss/**/*.test.ts'],
    exclude: ['test/local/oss/faults*.test.ts', 'test/local/oss/documented.test.ts'],
  },
});
