import * as z from 'zod';
import { fileMark } from '../backfill/file-mark.ts';
import { unreadableBucket } from '../report/unreadable-bucket.ts';

/*
 * This is how far a step of disposition has come: everything that is needed to go on after it was killed at any moment.
 */

const count = z.int().nonnegative();

const begun = {
  version: z.literal(1),
  run: z.record(z.string(), z.string()),
  /** The instant at which it was begun. */
  at: z.coerce.date(),
};

const planState = z.object({
  ...begun,
  /** Addresses that it was begun with, in order. */
  targets: z.array(z.string()),
  /** Those that are done with. */
  done: z.array(z.string()),
  /** The one under way, where its next page begins, and its versions that may go and that have to stay. */
  under: z.object({ url: z.string(), position: z.string(), going: count, staying: count }).optional(),
  versions: count,
  bytes: count,
  looked: count,
  kept: z.record(z.string(), count),
  whole: z.array(z.string()),
  failed: z.array(unreadableBucket),
  /** The list of the versions that may go. */
  list: fileMark,
});
export type PlanState = z.infer<typeof planState>;

export const planStateFormat = {
  parse: (json: unknown) => planState.parse(json),
};

/**
 * Tells which addresses a plan would look through now and would not have when it was begun, and the other way round; nothing where they
 * are the same in the same order. Pure.
 */
export function differencesOfTargets(begun: readonly string[], now: readonly string[]): string[] {
  const [before, after] = [new Set(begun), new Set(now)];
  const differences = [
    ...now.filter((url) => !before.has(url)).map((url) => `${url} is to be looked through and was not`),
    ...begun.filter((url) => !after.has(url)).map((url) => `${url} was to be looked through and is not`),
  ];
  const isMoved = differences.length === 0 && now.some((url, index) => url !== begun[index]);
  return isMoved ? ['the buckets are in another order'] : differences;
}

const sum = z.object({ versions: count, bytes: count });
const certifiedVersion = z.object({
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  state: z.enum(['gone', 'there']),
  touched: z.array(z.string()).readonly().optional(),
});

const certifyState = z.object({
  ...begun,
  /** The name of the certificate's files, without their endings. */
  name: z.string(),
  gone: sum,
  there: sum,
  touchedVersions: count,
  /** The first of them; the others are in the list. */
  touched: z.array(certifiedVersion),
  /** The first of those that are there, and that nothing has touched. */
  left: z.array(certifiedVersion),
  list: fileMark,
  /** Versions whose end is in the evidence; undefined until the certificate is written, which does not change any more then. */
  recorded: count.optional(),
});
export type CertifyState = z.infer<typeof certifyState>;

export const certifyStateFormat = {
  parse: (json: unknown) => certifyState.parse(json),
};
