import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Limits against hanging, not expectations: some tests start processes or build the bundles.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Far from UTC, so that nothing leans on the machine's own zone unnoticed.
    env: { TZ: 'Asia/Shanghai' },
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'coverage/results.json' }]]
      : ['default'],
  },
});
