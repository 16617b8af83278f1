import pLimit from 'p-limit';
import * as z from 'zod';
import { formatAddress } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { firstIssue } from '../platform/first-issue.ts';
import { formatInstant, minute } from '../platform/instant.ts';
import { jsonIn } from '../platform/read-json.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectAt, ObjectStore, Receipt } from '../storage/port.ts';
import type { Manifest } from './inventory/manifest.ts';

const count = z.int().nonnegative();

const instant = z.iso.datetime().transform((text) => new Date(text));

/** The last completed repair of a bucket: every version that its source names was looked at. */
const repair = z.object({
  bucket: z.string().min(1),
  /** The address of the inventory's manifest.json, or `listing`. */
  source: z.string().min(1),
  /**
   * The instant that the source describes: when the inventory's scan, or the listing, began. What was uploaded later was not
   * looked at. Records from before it was kept have none; they count from `completedAt`.
   */
  sourceAt: instant.optional(),
  completedAt: instant,
  versions: count,
  changed: count,
  failed: count,
  /** Versions that were named by the source and deleted for good since. */
  gone: count.optional(),
});
export type Repair = z.infer<typeof repair>;

/** Returns the instant up to which a repair has seen what there was. */
export const seenUpTo = ({ sourceAt, completedAt }: Pick<Repair, 'sourceAt' | 'completedAt'>): Date =>
  sourceAt ?? completedAt;

/** An inventory cannot have been taken later than now; so much may two clocks differ. */
const clockToleranceMs = 15 * minute;

/**
 * Tells why going through an inventory is no repair of its bucket. Only what names every version of the bucket, and says
 * when, proves anything.
 * @returns undefined when it is one
 */
export function whyNoRepair({ kind, columns, takenAt }: Manifest, now: Date): string | undefined {
  if (kind === 'incremental') return 'the inventory is incremental: it names only what has changed';
  if (!columns.at.has('VersionId')) {
    return 'the inventory has no column VersionId: it names current versions only, and no older ones';
  }
  if (takenAt === undefined) return 'the manifest has no creationTimestamp, so its age is not known';
  if (takenAt.getTime() > now.getTime() + clockToleranceMs) {
    return `the manifest's creationTimestamp ${formatInstant(takenAt)} is yet to come`;
  }
  return undefined;
}

/** This is what is known of a bucket's last repair: its record, or why that cannot be read. */
export type FoundRepair = { readonly bucket: string } & (
  | { readonly repair: Repair }
  | { readonly error: unknown }
);

/** The part of the rules' folder of dead letters where the records are, one for each bucket. */
const repairsFolder = 'repairs/';
const suffix = '.json';

/** Records read at once. */
const concurrency = 16;

const repairAt = ({ bucket, prefix }: ObjectPrefix, repaired: string): ObjectAt => ({
  bucket,
  key: `${prefix}${repairsFolder}${repaired}${suffix}`,
});

/**
 * Keeps the record of a repair in the place of the bucket's last one, unless that one has seen as much or more: a record
 * never goes back, whatever comes late or twice. One that cannot be read is replaced.
 * @param folder the rules' `deadLetters`
 * @returns `sent: false` when the last one stays, too
 * @throws what reading and writing throw
 */
export async function keepRepair(
  storage: Pick<ObjectStore, 'cloud' | 'readText' | 'writeText'>,
  folder: ObjectPrefix,
  { completedAt, sourceAt, ...rest }: Repair,
): Promise<Receipt> {
  const at = repairAt(folder, rest.bucket);
  const last = await read(storage, at, rest.bucket);
  // Without a bucket there is no record either, and writing it says so.
  const none = ['NO_SUCH_OBJECT', 'NO_SUCH_BUCKET', 'REPAIR_BROKEN'] as const;
  if ('error' in last && !hasCode(last.error, ...none)) throw last.error;
  if ('repair' in last && !isLater({ completedAt, sourceAt }, last.repair)) {
    return { sent: false, requestId: undefined };
  }
  const record = {
    ...rest,
    ...(sourceAt !== undefined && { sourceAt: formatInstant(sourceAt) }),
    completedAt: formatInstant(completedAt),
  };
  return await storage.writeText(at, `${JSON.stringify(record, null, 2)}\n`);
}

type Times = Pick<Repair, 'sourceAt' | 'completedAt'>;

/**
 * Tells whether the first of two repairs counts. Where both have seen the same, the one that ended later does,
 * because it may have repaired what the other could not.
 */
function isLater(one: Times, other: Times): boolean {
  const ahead = seenUpTo(one).getTime() - seenUpTo(other).getTime();
  return ahead > 0 || (ahead === 0 && one.completedAt > other.completedAt);
}

/**
 * Returns the last completed repair of every bucket that had one, by one listing and one read each. A record that
 * cannot be read is told with its error, and hides no other.
 * @param folder the rules' `deadLetters`
 * @throws what listing throws
 */
export async function repairsOf(
  storage: Pick<ObjectStore, 'cloud' | 'listVersions' | 'readText'>,
  folder: ObjectPrefix,
): Promise<FoundRepair[]> {
  const prefix = `${folder.prefix}${repairsFolder}`;
  const limit = pLimit(concurrency);
  const found: Promise<FoundRepair>[] = [];
  for await (const entry of storage.listVersions(folder.bucket, prefix)) {
    const current = entry.kind === 'version' && entry.isLatest && entry.key.endsWith(suffix);
    if (!current) continue;
    const bucket = entry.key.slice(prefix.length, -suffix.length);
    found.push(limit(() => read(storage, entry, bucket)));
  }
  return await Promise.all(found);
}

async function read(
  storage: Pick<ObjectStore, 'cloud' | 'readText'>,
  { bucket: place, key }: ObjectAt,
  bucket: string,
): Promise<FoundRepair> {
  const target = formatAddress(storage.cloud, { bucket: place, key });
  try {
    const found = await storage.readText({ bucket: place, key });
    return { bucket, repair: parse(found === 'unchanged' ? '' : found.text, bucket, target) };
  } catch (error) {
    if (!hasCode(error, 'TEXT_ENCODING')) return { bucket, error };
    const reason = 'it is no text';
    return { bucket, error: failure('REPAIR_BROKEN', { target, reason }, { cause: error }) };
  }
}

function parse(text: string, bucket: string, target: string): Repair {
  const result = repair.safeParse(jsonIn(text));
  if (!result.success) {
    throw failure('REPAIR_BROKEN', { target, reason: firstIssue(result.error, 'the record') });
  }
  if (result.data.bucket !== bucket) {
    throw failure('REPAIR_BROKEN', { target, reason: `it is of bucket ${result.data.bucket}` });
  }
  return result.data;
}
