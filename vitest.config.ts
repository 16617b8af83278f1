import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** `npm run test:deep`: the long runs, and none of the others. */
const isDeep = process.env['HOLDFAST_DEEP'] !== undefined;

export default defineConfig({
  test: {
    include: isDeep ? ['test/**/*.deep.test.ts', 'test/model/*.test.ts'] : ['test/**/*.test.ts'],
    exclude: isDeep ? [] : ['test/**/*.deep.test.ts'],
    // Against a real account some files of the conformance suite have no case.
    passWithNoTests: process.env['HOLDFAST_CONFORMANCE_ENDPOINT'] !== undefined,
    // One process serves file after file and keeps the modules it has loaded, which halves the time. Tests share no other state:
    // each starts its own servers, on free ports, and leaves the environment as it was.
    isolate: false,
    unstubEnvs: true,
    setupFiles: ['test/support/same-environment.ts'],
    // Most tests wait for processes and sockets. One worker fewer than there are cores, which is the default, would leave the machine idle.
    maxWorkers: availableParallelism() + 1,
    // Limits against hanging, not expectations: the machine may be slow, and some tests start processes.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
    // Far from UTC, so that nothing leans on the machine's own zone unnoticed.
    env: { TZ: 'Asia/Shanghai' },
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'coverage/results.json' }]]
      : ['default'],
  },
});
