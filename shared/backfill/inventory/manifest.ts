import { createHash } from 'node:crypto';
import * as z from 'zod';
import { failure, type HoldfastError } from '../../platform/errors.ts';
import { firstIssue } from '../../platform/first-issue.ts';
import { second } from '../../platform/instant.ts';

/** The last second, and the last millisecond, of the year 9999. */
const lastSecond = 253_402_300_799;
const lastMillisecond = lastSecond * second + 999;

/**
 * A Unix time as text or number: in seconds, as OSS has it, or in milliseconds, as inventories in the form of S3 do. Seconds above
 * the last one that is read so would be later than the year 9999.
 */
const timestamp = z.coerce
  .number()
  .int()
  .positive()
  .max(lastMillisecond, 'is later than the year 9999')
  .transform((time) => new Date(time > lastSecond ? time : time * second));

const size = z.coerce.number().int().nonnegative();

/** A file of OSS has a checksum. */
const checkedFile = z.object({
  key: z.string().min(1),
  size,
  MD5checksum: z.string().regex(/^[0-9a-f]{32}$/i, 'is no MD5 in hexadecimal'),
});

/** A file of OBS has none: its size and its rows have to do ("Bucket Inventory Overview"). Its key is URL-encoded. */
const countedFile = z.object({
  key: z.string().min(1).transform(decodedKey),
  size,
  inventoriedRecord: z.coerce.number().int().nonnegative(),
  MD5checksum: z.undefined().optional(),
});

/** OSS, "Bucket inventory": what a manifest.json says, as far as it is needed. */
const schema = z.object({
  fileFormat: z.literal('CSV'),
  fileSchema: z.string(),
  sourceBucket: z.string(),
  creationTimestamp: timestamp.optional(),
  startTimestamp: timestamp.optional(),
  endTimestamp: timestamp.optional(),
  files: z.array(
    z.unknown().transform((file, context) => {
      const isCounted = typeof file === 'object' && file !== null && 'inventoriedRecord' in file;
      const read = (isCounted ? countedFile : checkedFile).safeParse(file);
      if (read.success) return read.data;
      for (const { message, path } of read.error.issues) {
        context.addIssue({ code: 'custom', message, path });
      }
      return z.NEVER;
    }),
  ),
});

export interface InventoryFile {
  readonly key: string;
  readonly size: number;
  /** Hexadecimal, upper case; undefined where the manifest has no checksum. */
  readonly md5: string | undefined;
  /** The rows that it has; undefined where the manifest does not say. */
  readonly rows: number | undefined;
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
  /** The instant that the rows describe: when the scan began, or when the minutes of an incremental one ended. */
  readonly takenAt: Date | undefined;
  readonly columns: Columns;
  readonly files: readonly InventoryFile[];
  /** SHA-256 of the manifest's text, in hexadecimal. It names the files' checksums too, where there are any. */
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
    throw invalid(source, firstIssue(read.error, 'the manifest'));
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
    files: files.map((file) => ({
      key: file.key,
      size: file.size,
      md5: file.MD5checksum?.toUpperCase(),
      rows: 'inventoriedRecord' in file ? file.inventoriedRecord : undefined,
    })),
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

/** A key that is not URL-encoded after all stands as it is. */
function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
