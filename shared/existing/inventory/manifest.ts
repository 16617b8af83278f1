import { createHash } from 'node:crypto';
import * as z from 'zod';
import { failure, type HoldfastError } from '../../platform/errors.ts';
import { second } from '../../platform/instant.ts';

/** A Unix time in seconds, as text or number. */
const timestamp = z.coerce
  .number()
  .int()
  .positive()
  .max(253_402_300_799, 'is later than the year 9999')
  .transform((seconds) => new Date(seconds * second));

/** OSS, "Bucket inventory": what a manifest.json says, as far as it is needed. */
const schema = z.object({
  fileFormat: z.literal('CSV'),
  fileSchema: z.string(),
  sourceBucket: z.string(),
  creationTimestamp: timestamp.optional(),
  startTimestamp: timestamp.optional(),
  endTimestamp: timestamp.optional(),
  files: z.array(
    z.object({
      key: z.string().min(1),
      size: z.coerce.number().int().nonnegative(),
      MD5checksum: z.string().regex(/^[0-9a-f]{32}$/i, 'is no MD5 in hexadecimal'),
    }),
  ),
});

export interface InventoryFile {
  readonly key: string;
  readonly size: number;
  /** Hexadecimal, upper case. */
  readonly md5: string;
}

/** The columns that Holdfast reads. A file may have others, which are passed over. */
const columns = [
  'Bucket',
  'Key',
  'VersionId',
  'IsLatest',
  'IsDeleteMarker',
  'Size',
  'LastModifiedDate',
  'TaggingCount',
  'ObjectType',
  'RecordType',
] as const;
export type InventoryColumn = (typeof columns)[number];

/** This is where the columns are that Holdfast reads. */
export interface Columns {
  /** All columns of a row, read or not. */
  readonly count: number;
  readonly at: ReadonlyMap<InventoryColumn, number>;
}

export interface Manifest {
  /** Whose inventory it is. */
  readonly bucket: string;
  /**
   * `full`: every object at the time of the scan. `incremental`: what was created, changed and deleted in some minutes
   * (OSS writes it every ten minutes for accounts that asked for it), so it says nothing about all others.
   */
  readonly kind: 'full' | 'incremental';
  /** The instant that the rows speak of: when the scan began, or when the minutes of an incremental one ended. */
  readonly takenAt: Date | undefined;
  readonly columns: Columns;
  readonly files: readonly InventoryFile[];
  /** SHA-256 of the manifest's text, in hexadecimal. It names the files' checksums too. */
  readonly hash: string;
}

/**
 * Reads a manifest.json.
 * @param source its URL, for messages
 * @param bucket whose inventory it must be; any without it
 * @throws INVENTORY_INVALID
 */
export function readManifest(text: string, source: string, bucket?: string): Manifest {
  const read = schema.safeParse(parse(text, source));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw invalid(source, `${issue?.path.join('.') || 'the manifest'}: ${issue?.message}`);
  }
  const { sourceBucket, fileSchema, files, creationTimestamp, startTimestamp, endTimestamp } = read.data;
  if (bucket !== undefined && sourceBucket !== bucket)
    throw invalid(source, `it is of bucket ${sourceBucket}, not of ${bucket}`);
  const named = readColumns(fileSchema, source);
  const incremental =
    startTimestamp !== undefined || endTimestamp !== undefined || named.at.has('RecordType');
  return {
    bucket: sourceBucket,
    kind: incremental ? 'incremental' : 'full',
    takenAt: creationTimestamp ?? endTimestamp,
    columns: named,
    files: files.map(({ key, size, MD5checksum }) => ({ key, size, md5: MD5checksum.toUpperCase() })),
    hash: createHash('sha256').update(text).digest('hex'),
  };
}

/** OSS itself writes one column as `Crc64` and as `CRC64`, so the case of the letters tells nothing. */
function readColumns(fileSchema: string, source: string): Columns {
  const names = fileSchema.split(',').map((name) => name.trim().toLowerCase());
  const at = new Map<InventoryColumn, number>();
  for (const column of columns) {
    const index = names.indexOf(column.toLowerCase());
    if (index < 0) continue;
    if (names.includes(column.toLowerCase(), index + 1)) {
      throw invalid(source, `fileSchema names a column twice: ${column}`);
    }
    at.set(column, index);
  }
  for (const needed of ['Bucket', 'Key'] as const) {
    if (!at.has(needed)) throw invalid(source, `fileSchema has no column ${needed}`);
  }
  return { count: names.length, at };
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(source, 'the manifest is not JSON', cause);
  }
}

export function invalid(source: string, reason: string, cause?: unknown): HoldfastError {
  return failure('INVENTORY_INVALID', { source, reason }, { cause });
}
