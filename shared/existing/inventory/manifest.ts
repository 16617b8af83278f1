import * as z from 'zod';
import { failure, type HoldfastError } from '../../platform/errors.ts';

/** OSS, "Bucket inventory": what a manifest.json says, as far as it is needed. */
const schema = z.object({
  fileFormat: z.literal('CSV'),
  fileSchema: z.string(),
  sourceBucket: z.string(),
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

export interface Manifest {
  /** Whose inventory it is. */
  readonly bucket: string;
  readonly columns: readonly Column[];
  readonly files: readonly InventoryFile[];
}

const columns = [
  'Bucket',
  'Key',
  'VersionId',
  'IsLatest',
  'IsDeleteMarker',
  'Size',
  'LastModifiedDate',
  'ETag',
  'StorageClass',
  'IsMultipartUploaded',
  'EncryptionStatus',
  'ObjectAcl',
  'TaggingCount',
  'ObjectType',
  'Crc64',
  'TransitionTime',
] as const;
export type Column = (typeof columns)[number];

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
  const { sourceBucket, fileSchema, files } = read.data;
  if (bucket !== undefined && sourceBucket !== bucket)
    throw invalid(source, `it is of bucket ${sourceBucket}, not of ${bucket}`);
  const named = fileSchema.split(',').map((name) => readColumn(name.trim(), source));
  for (const needed of ['Bucket', 'Key'] as const) {
    if (!named.includes(needed)) throw invalid(source, `fileSchema has no column ${needed}`);
  }
  if (new Set(named).size < named.length) throw invalid(source, 'fileSchema names a column twice');
  return {
    bucket: sourceBucket,
    columns: named,
    files: files.map(({ key, size, MD5checksum }) => ({ key, size, md5: MD5checksum.toUpperCase() })),
  };
}

/** A column that nobody knows may mean that the others have changed too, so it is no guess. */
function readColumn(name: string, source: string): Column {
  const column = columns.find((known) => known === name);
  if (column === undefined) throw invalid(source, `fileSchema has the unknown column "${name}"`);
  return column;
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
