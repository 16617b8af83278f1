import pLimit from 'p-limit';
import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectAt, Receipt, StorageReads, StorageWrites } from '../storage/port.ts';

const count = z.int().nonnegative();

/** The last completed repair of a bucket: every version that its source names was looked at. */
const repair = z.object({
  bucket: z.string().min(1),
  /** The inventory's `oss://…/manifest.json`, or `listing`. */
  source: z.string().min(1),
  completedAt: z.iso.datetime().transform((text) => new Date(text)),
  versions: count,
  changed: count,
  failed: count,
});
export type Repair = z.infer<typeof repair>;

/** What is known of a bucket's last repair: its record, or why that cannot be read. */
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
 * Keeps the record of a repair in the place of the bucket's last one.
 * @param folder the rules' `deadLetters`
 * @throws what writing throws
 */
export async function keepRepair(
  storage: Pick<StorageWrites, 'writeText'>,
  folder: ObjectPrefix,
  { completedAt, ...rest }: Repair,
): Promise<Receipt> {
  const record = { ...rest, completedAt: formatInstant(completedAt) };
  return await storage.writeText(repairAt(folder, rest.bucket), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The last completed repair of every bucket that had one, by one listing and one read each. A record that cannot be
 * read is told with its error, and hides no other.
 * @param folder the rules' `deadLetters`
 * @throws what listing throws
 */
export async function repairsOf(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
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
  storage: Pick<StorageReads, 'readText'>,
  { bucket: place, key }: ObjectAt,
  bucket: string,
): Promise<FoundRepair> {
  try {
    const found = await storage.readText({ bucket: place, key });
    return {
      bucket,
      repair: parse(found === 'unchanged' ? '' : found.text, bucket, `oss://${place}/${key}`),
    };
  } catch (error) {
    return { bucket, error };
  }
}

function parse(text: string, bucket: string, target: string): Repair {
  const result = repair.safeParse(parseJson(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    const reason = `${issue?.path.join('.') || 'the record'}: ${issue?.message}`;
    throw failure('REPAIR_BROKEN', { target, reason });
  }
  if (result.data.bucket !== bucket) {
    throw failure('REPAIR_BROKEN', { target, reason: `it is of bucket ${result.data.bucket}` });
  }
  return result.data;
}

/** Undefined for what is no JSON, which no record is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
