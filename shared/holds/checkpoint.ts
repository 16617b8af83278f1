import * as z from 'zod';
import { type StateFile, stateFile } from '../backfill/state-file.ts';
import type { HoldCounts } from './counts.ts';
import type { HoldPosition } from './pass.ts';

const count = z.int().nonnegative();
const instant = z.iso.datetime().transform((text) => new Date(text));

const schema = z.strictObject({
  version: z.literal(1),
  run: z.record(z.string(), z.string()),
  position: z.strictObject({ bucket: z.string(), cursor: z.string().optional() }),
  counts: z.strictObject({
    results: z.strictObject({
      held: count,
      lifted: count,
      kept: count,
      'off-already': count.default(0), // a file of an earlier version has none
      'off-written': count.default(0), // the same
      retained: count.default(0), // the same
      'not-held': count,
      left: count,
      'left-for-matters': count.default(0), // the same
      skipped: count,
      gone: count,
      'not-offered': count,
      'not-asked': count.default(0), // the same
      failed: count,
    }),
    looked: count,
    deletableNow: count,
    nextDeletable: instant.optional(),
    lastDeletable: instant.optional(),
    firstRetainedUntil: instant.optional(),
    lastRetainedUntil: instant.optional(),
    overCap: count.default(0), // the same
    withoutHolds: z.array(z.string()).default([]), // the same
    withHolds: z.array(z.string()).default([]), // the same
    failures: z.array(z.strictObject({ code: z.string(), count, example: z.string(), remedy: z.string() })),
  }),
});

/** It says how far a pass over the versions of a matter has come. */
export interface HoldProgress {
  readonly version: 1;
  readonly run: Readonly<Record<string, string>>;
  readonly position: HoldPosition;
  readonly counts: HoldCounts;
}

/** Keeps the progress of a pass in a file. */
export const holdCheckpoint = (file: string): StateFile<HoldProgress> =>
  stateFile(file, {
    parse(json) {
      const { counts, ...rest } = schema.parse(json);
      const { nextDeletable, lastDeletable, firstRetainedUntil, lastRetainedUntil } = counts;
      const dates = { nextDeletable, lastDeletable, firstRetainedUntil, lastRetainedUntil };
      return { ...rest, counts: { ...counts, ...dates } };
    },
  });
