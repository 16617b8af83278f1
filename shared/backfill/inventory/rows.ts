import { type ObjectType, versionId } from '../../storage/port.ts';
import type { KnownVersion } from '../source.ts';
import { readInventoryDate } from './dates.ts';
import type { Columns, InventoryColumn } from './manifest.ts';

export interface RowOptions {
  readonly bucket: string;
  readonly columns: Columns;
  /** Tells whether keys are URL-encoded, as the service writes them. */
  readonly keysEncoded: boolean;
  /** Tells whether TaggingCount is believed. */
  readonly fresh: boolean;
}

/** Why a row cannot be read; whoever reads the file knows which one it is. */
export class BadRow extends Error {}

/** This is what a row of an incremental inventory tells of: a deletion leaves nothing to protect. */
const deletion = 'DELETE';

/**
 * Makes the reader of one row of an inventory.
 * @returns throws BadRow; undefined for a row that names nothing to look at
 */
export function rowReader({
  bucket,
  columns,
  keysEncoded,
  fresh,
}: RowOptions): (row: readonly string[]) => KnownVersion | undefined {
  const index = (name: InventoryColumn) => columns.at.get(name) ?? -1;
  const at = {
    bucket: index('Bucket'),
    key: index('Key'),
    versionId: index('VersionId'),
    latest: index('IsLatest'),
    marker: index('IsDeleteMarker'),
    lastModified: index('LastModifiedDate'),
    type: index('ObjectType'),
    tagCount: index('TaggingCount'),
    size: index('Size'),
    record: index('RecordType'),
  };
  const hasVersions = at.versionId >= 0;

  return (row) => {
    if (row.length !== columns.count) {
      throw new BadRow(`it has ${row.length} columns, and fileSchema names ${columns.count}`);
    }
    const cell = (column: number) => (column < 0 ? '' : (row[column] ?? ''));
    /** A cell without a value; OSS writes `null` for some. */
    const optional = (column: number) => {
      const text = cell(column);
      return text === 'null' ? '' : text;
    };
    if (cell(at.bucket) !== bucket) throw new BadRow(`it is of bucket "${cell(at.bucket)}"`);
    if (cell(at.record).toUpperCase() === deletion) return undefined;
    return {
      bucket,
      ...readings(cell(at.key), keysEncoded),
      inventory: true,
      // A version from before versioning has no id in the row, and is called null by every call.
      versionId: hasVersions ? versionId(cell(at.versionId) || 'null') : undefined,
      lastModified: readDate(optional(at.lastModified)),
      isLatest: readFlag('IsLatest', optional(at.latest)),
      type: readFlag('IsDeleteMarker', optional(at.marker)) ? 'delete-marker' : readType(optional(at.type)),
      tagCount: fresh ? readCount('TaggingCount', optional(at.tagCount)) : undefined,
      size: readCount('Size', optional(at.size)),
    };
  };
}

/** The key, and how it reads when a `+` stands for a blank, as forms encode it. */
function readings(text: string, encoded: boolean): Pick<KnownVersion, 'key' | 'otherKey'> {
  const key = readKey(text, encoded);
  if (!encoded || !text.includes('+')) return { key };
  return { key, otherKey: readKey(text.replaceAll('+', ' '), true) };
}

function readKey(text: string, encoded: boolean): string {
  if (text === '') throw new BadRow('the key is empty');
  if (!encoded || !/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRow(`the key ${text} is not URL-encoded UTF-8`);
  }
}

/** OSS, "Object overview": the types. They decide whether a version can carry retention, so their case must not. */
const types: ReadonlyMap<string, ObjectType> = new Map(
  ['Normal', 'Multipart', 'Appendable', 'Symlink'].map((type) => [type.toLowerCase(), type]),
);

function readType(text: string): ObjectType | undefined {
  return text === '' ? undefined : (types.get(text.toLowerCase()) ?? text);
}

function readDate(text: string): Date | undefined {
  if (text === '') return undefined;
  const date = readInventoryDate(text);
  if (date === undefined) throw new BadRow(`LastModifiedDate "${text}" is not a date`);
  return date;
}

function readFlag(column: InventoryColumn, text: string): boolean | undefined {
  if (text === '') return undefined;
  const word = text.toLowerCase();
  if (word !== 'true' && word !== 'false') throw new BadRow(`${column} "${text}" is not true or false`);
  return word === 'true';
}

function readCount(column: InventoryColumn, text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new BadRow(`${column} "${text}" is not a number`);
  return Number(text);
}
