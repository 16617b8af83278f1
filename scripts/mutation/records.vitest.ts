import { defineConfig } from 'vitest/config';

/** The decisions about matters, event holds, the schedule, disposition, approvals and exports, with the tests beside each alone. */
export default defineConfig({
  test: {
    include: [
      'test/cli/{approvable,approved-bound,approved-list,approved-list-file,approved-writes,hold-to-release}.test.ts',
      'test/shared/approvals/**/*.test.ts',
      'test/shared/backfill/{concerned,known-until,past-date}.test.ts',
      'test/shared/buckets/approval.test.ts',
      'test/shared/disposition/**/*.test.ts',
      'test/shared/export/**/*.test.ts',
      'test/shared/holds/**/*.test.ts',
      'test/shared/matters/**/*.test.ts',
      'test/shared/objects/{event-hold,hold-upload}.test.ts',
      'test/shared/rules/{contradictions,event-hold,year-end}.test.ts',
      'test/shared/rules/warnings/reviews.test.ts',
    ],
    // The code is changed so that it counts what is run, and the machine may be slow.
    testTimeout: 120_000,
  },
});
