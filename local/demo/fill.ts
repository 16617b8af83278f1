import type { Content } from '../plain-uploads.ts';
import { lettersBucket, subjectBody, subjectKey, subjects } from './buckets.ts';
import type { Upload } from './uploads.ts';

/** The calls that bring the demo's buckets and objects into a cloud. */
export interface DemoStore {
  createBucket(bucket: string): Promise<void>;
  createRetentionBucket(bucket: string): Promise<void>;
  upload(bucket: string, content: Content): Promise<void>;
  /** Undefined where the service has no WORM policies of buckets. */
  readonly initiatePolicy: ((bucket: string, days: number) => Promise<void>) | undefined;
}

/** Counts of what was filled in. */
export interface DemoFilled {
  readonly buckets: number;
  readonly policies: number;
  readonly versions: number;
}

/** Returns the names of the buckets that {@link fillDemo} makes with these uploads. */
export const demoBuckets = (uploads: readonly Upload[]): Set<string> =>
  new Set([lettersBucket, ...uploads.map(({ bucket }) => bucket), ...subjects.map(({ bucket }) => bucket)]);

/** Makes the demo's buckets, uploads its objects, and initiates its WORM policies where the service has them. */
export async function fillDemo(store: DemoStore, uploads: readonly Upload[]): Promise<DemoFilled> {
  const { initiatePolicy } = store;
  await store.createBucket(lettersBucket);
  const retained = new Set(uploads.map(({ bucket }) => bucket));
  for (const bucket of retained) await store.createRetentionBucket(bucket);
  for (const upload of uploads) await store.upload(upload.bucket, upload);
  const shown = initiatePolicy === undefined ? [] : subjects;
  if (initiatePolicy !== undefined) await fillSubjects({ ...store, initiatePolicy });
  return {
    buckets: 1 + retained.size + shown.length,
    policies: shown.filter(({ days }) => days !== undefined).length,
    versions: uploads.length + shown.length,
  };
}

/** Makes the buckets that show WORM policies, with an object in each, and initiates the policies that somebody forgot to lock. */
export async function fillSubjects({
  createBucket,
  upload,
  initiatePolicy,
}: Pick<DemoStore, 'createBucket' | 'upload'> & {
  readonly initiatePolicy: NonNullable<DemoStore['initiatePolicy']>;
}): Promise<void> {
  for (const { bucket, days } of subjects) {
    await createBucket(bucket);
    await upload(bucket, { key: subjectKey, body: Buffer.from(subjectBody), tags: {} });
    if (days !== undefined) await initiatePolicy(bucket, days);
  }
}
