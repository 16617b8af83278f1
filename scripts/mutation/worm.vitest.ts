import { defineConfig } from 'vitest/config';

/** The WORM rules are tested through the server, where they are enforced. */
export default defineConfig({
  test: {
    env: { TZ: 'Asia/Shanghai' },
    include: ['test/conformance/**/*.test.ts', 'test/local/oss/**/*.test.ts'],
  },
});
