import * as z from 'zod';
import { fileMark } from '../backfill/file-mark.ts';
import { unreadableBucket } from '../report/unreadable-bucket.ts';
import { evidenceState, verifyState } from './evidence-state.ts';
import { keptTarget } from './targets.ts';

const count = z.int().nonnegative();

/** The form of what an export knows of its versions. */
const versionsState = z.object({
  /** Addresses of buckets that are done with. */
  done: z.array(z.string()),
  /** The bucket under way by its address, and where its next page begins. */
  under: z.object({ url: z.string(), position: z.string() }).optional(),
  looked: count,
  versions: count,
  bytes: count,
  gone: count,
  /** Versions that were uploaded after the export was begun. */
  later: count,
  standings: z.record(z.string(), count),
  /** The matters that have some of them. */
  matters: z.array(z.string()),
  /** Buckets that could not be read to their end. */
  failed: z.array(unreadableBucket),
});
export type VersionsState = z.infer<typeof versionsState>;

export const noVersions: VersionsState = {
  ...{ done: [], looked: 0, versions: 0, bytes: 0, gone: 0, later: 0 },
  ...{ standings: {}, matters: [], failed: [] },
};

const finding = z.object({
  fault: z.enum(['changed', 'misplaced', 'missing', 'hidden', 'out-of-order', 'unretained', 'foreign']),
  file: z.string(),
  reason: z.string(),
});

/** This is how far an export has come: everything that is needed to go on after it was killed at any moment. */
const state = z.object({
  version: z.literal(2),
  run: z.record(z.string(), z.string()),
  /** The instant that the export is about: when it was begun. */
  at: z.coerce.date(),
  /** The access keys that were used. */
  callers: z.array(z.string()),
  /** The buckets that it was begun with, in order: these are read, and no others. */
  targets: z.array(keptTarget),
  /** Buckets that could not be looked at when it was begun. */
  troubles: z.array(unreadableBucket),
  versions: versionsState,
  /** Absent until the versions are done. */
  evidence: z
    .object({
      /** The day from which it is read. */
      since: z.coerce.date().optional(),
      verified: verifyState,
      pass: evidenceState,
      /** The first findings. */
      shown: z.array(finding),
    })
    .optional(),
  /** This is how much of the files is certain. */
  pack: z.object({
    files: count,
    sums: fileMark,
    known: fileMark.optional(),
    tables: z.record(z.string(), fileMark),
  }),
});
export type ExportState = z.infer<typeof state>;

export const exportStateFormat = {
  parse: (json: unknown) => state.parse(json),
};
