import type { Clock } from '../platform/clock.ts';
import { inOneLine } from '../platform/error-text.ts';
import { HoldfastError } from '../platform/errors.ts';
import { hour } from '../platform/instant.ts';
import type { ListedVersion, StorageReads } from '../storage/port.ts';

/** The oldest version that a bucket stores, as far as it could be found out. */
export type Oldest =
  | { readonly kind: 'version'; readonly lastModified: Date }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: string };

/** A thousand versions each: what a timer can afford for one bucket in every run. */
const maxPages = 100;

/**
 * Lists a bucket's versions for the oldest one. Delete markers do not count: a policy protects data. Never rejects for
 * what the service says: whoever asks falls back to the policy's age, which protects longer.
 * @param until the end of the time for it
 */
export async function findOldest(
  { storage, clock }: { readonly storage: Pick<StorageReads, 'listVersions'>; readonly clock: Clock },
  bucket: string,
  until?: Date,
): Promise<Oldest> {
  const list = listOldest(storage, bucket, () => until !== undefined && clock.now() >= until);
  if (until === undefined) return await list;
  const late = clock.sleep(Math.max(0, until.getTime() - clock.now().getTime())).then(() => outOfTime);
  return await Promise.race([list, late]);
}

/** This is what one instance of the timer knows of oldest versions, so that not every run lists every bucket. */
export interface OldestMemory {
  recall(bucket: string, now: Date): Oldest | undefined;
  note(bucket: string, oldest: Oldest, now: Date): void;
}

/** A replica may bring an older Last-Modified, so what was seen does not hold for good. */
const memoryMs = 6 * hour;

/**
 * Remembers the oldest version of buckets for six hours, and that a bucket has too many versions to be listed. An empty
 * bucket and a failure are not remembered. What is remembered may say that nothing has to be done; before a change the
 * bucket is listed again.
 */
export function createOldestMemory(): OldestMemory {
  const known = new Map<string, { readonly oldest: Oldest; readonly at: Date }>();
  return {
    recall(bucket, now) {
      const entry = known.get(bucket);
      if (entry === undefined || now.getTime() - entry.at.getTime() >= memoryMs) return undefined;
      return entry.oldest;
    },
    note(bucket, oldest, now) {
      if (oldest.kind === 'version' || oldest === tooMany) known.set(bucket, { oldest, at: now });
      else known.delete(bucket);
    },
  };
}

const outOfTime: Oldest = { kind: 'unknown', why: 'listing its versions took too long' };
const tooMany: Oldest = {
  kind: 'unknown',
  why: `it holds more versions than ${maxPages} pages list`,
};

async function listOldest(
  storage: Pick<StorageReads, 'listVersions'>,
  bucket: string,
  isLate: () => boolean,
): Promise<Oldest> {
  let oldest: Date | undefined;
  let fetch = storage.listVersions(bucket, '').first;
  try {
    for (let pages = 1; pages <= maxPages; pages += 1) {
      const { items, next } = await fetch();
      oldest = items.reduce(older, oldest);
      if (next === undefined) return oldest ? { kind: 'version', lastModified: oldest } : { kind: 'none' };
      if (isLate()) return outOfTime;
      fetch = next;
    }
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { kind: 'unknown', why: inOneLine(error) };
  }
  return tooMany;
}

function older(oldest: Date | undefined, { kind, lastModified }: ListedVersion): Date | undefined {
  if (kind === 'delete-marker') return oldest;
  return oldest === undefined || lastModified < oldest ? lastModified : oldest;
}
