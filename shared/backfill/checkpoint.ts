import * as z from 'zod';
import { openShard, shardText } from './open-shard.ts';
import { type StateFile, type StateFormat, stateFile } from './state-file.ts';
import { emptyTally, tally } from './tally.ts';

const size = z.int().nonnegative();
const instant = z.iso.datetime().transform((text) => new Date(text));
/** Bytes of the report that are certain. */
const report = z.object({ lines: size, table: size });

/** This is how far a run has come: everything that is needed to go on after it was killed at any moment. */
const schema = z.object({
  version: z.literal(1),
  /** This is what the run was begun with, by name. */
  run: z.record(z.string(), z.string()),
  /** This is where the next shard begins; absent at the beginning. */
  position: z.string().optional(),
  /** The shard whose writes may have begun. */
  shard: openShard.optional(),
  /** Rows of an inventory that were read; 0 of a listing. */
  rows: size.default(0),
  /** This is when the run was begun. */
  startedAt: instant.optional(),
  /** Versions that were changed before it began anew, or went back; {@link tally} does not count them. */
  changedBefore: size.default(0),
  /** Not all open matters were known while some of it was done, which may have passed over versions of one. */
  mattersUnknown: z.literal(true).optional(),
  /** This is how far it had come by then, and when; absent at the beginning, and while all are known. */
  knownUntil: z.object({ at: instant, position: z.string(), rows: size, tally, report }).optional(),
  tally,
  report,
  requests: size,
  elapsedMs: size,
});
export type Progress = z.infer<typeof schema>;

/** @param changedBefore versions that were changed before the run began anew */
export const atStart = (run: Progress['run'], startedAt: Date, changedBefore = 0): Progress => ({
  version: 1,
  run,
  rows: 0,
  startedAt,
  changedBefore,
  tally: emptyTally,
  report: { lines: 0, table: 0 },
  requests: 0,
  elapsedMs: 0,
});

/** Keeps the progress of `holdfast protect`. */
export type Checkpoint = StateFile<Progress>;

/** This is how it is written as JSON, and read back. */
export const progressFormat = {
  parse: (json: unknown) => schema.parse(json),
  text({ shard, ...rest }: Progress) {
    const head = JSON.stringify(rest);
    return shard === undefined ? head : `${head.slice(0, -1)},"shard":${shardText(shard)}}`;
  },
  // A shard is kept before its first write. So a run to a wrong endpoint, say, leaves nothing to go on with.
  isBegun: ({ position, shard }: Progress) => position !== undefined || shard !== undefined,
} satisfies StateFormat<Progress>;

export const fileCheckpoint = (file: string): Checkpoint => stateFile(file, progressFormat);
