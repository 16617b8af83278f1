import { parseServiceDate } from '../../storage/dates.ts';
import { versionId } from '../../storage/port.ts';
import type { KnownVersion } from '../source.ts';
import type { Column } from './manifest.ts';

export interface RowOptions {
  readonly bucket: string;
  readonly columns: readonly Column[];
  /** Whether keys are URL-encoded, as the service writes them. */
  readonly keysEncoded: boolean;
}

/** Why a row cannot be read; whoever reads the file knows which one it is. */
export class BadRow extends Error {}

/**
 * Makes the reader of one row of an inventory.
 * @returns throws BadRow
 */
export function rowReader({
  bucket,
  columns,
  keysEncoded,
}: RowOptions): (row: readonly string[]) => KnownVersion {
  const index = (name: Column) => columns.indexOf(name);
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
  };
  const hasVersions = at.versionId >= 0;

  return (row) => {
    if (row.length !== columns.length) {
      throw new BadRow(`it has ${row.length} columns, and fileSchema names ${columns.length}`);
    }
    const cell = (column: number) => (column < 0 ? '' : (row[column] ?? ''));
    if (cell(at.bucket) !== bucket) throw new BadRow(`it is of bucket "${cell(at.bucket)}"`);
    return {
      bucket,
      key: readKey(cell(at.key), keysEncoded),
      // A version from before versioning has no id in the row, and is called null by every call.
      versionId: hasVersions ? versionId(cell(at.versionId) || 'null') : undefined,
      lastModified: readDate(cell(at.lastModified)),
      isLatest: readFlag(cell(at.latest)),
      type: cell(at.marker).toLowerCase() === 'true' ? 'delete-marker' : cell(at.type) || undefined,
      tagCount: readCount('TaggingCount', cell(at.tagCount)),
      size: readCount('Size', cell(at.size)),
    };
  };
}

function readKey(text: string, encoded: boolean): string {
  if (text === '') throw new BadRow('the key is empty');
  if (!encoded) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRow(`the key ${text} is not URL-encoded UTF-8`);
  }
}

const usualDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/;

function readDate(text: string): Date | undefined {
  if (text === '') return undefined;
  // A million rows: what is written as usual is read the quick way.
  const date = usualDate.test(text) ? new Date(text) : parseServiceDate(text);
  if (date === undefined || Number.isNaN(date.getTime()))
    throw new BadRow(`LastModifiedDate "${text}" is not a date`);
  return date;
}

function readFlag(text: string): boolean | undefined {
  if (text === '') return undefined;
  const word = text.toLowerCase();
  if (word !== 'true' && word !== 'false') throw new BadRow(`IsLatest "${text}" is not true or false`);
  return word === 'true';
}

function readCount(column: Column, text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new BadRow(`${column} "${text}" is not a number`);
  return Number(text);
}
