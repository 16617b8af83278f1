import { csvLines } from '../platform/csv-lines.ts';
import { formatInstant } from '../platform/instant.ts';
import type { VersionPosture } from './types.ts';

const columns = [
  'standing',
  'bucket',
  'key',
  'versionId',
  'rule',
  'until',
  'wanted',
  'size',
  'lastModified',
  'code',
  'reason',
  'mode',
  'legalHold',
] as const satisfies readonly (keyof VersionPosture)[];

type Cell = VersionPosture[(typeof columns)[number]];

/** A version as a row of the CSV; instants may be text already, in ISO 8601. */
export type CsvVersion = { readonly [Name in (typeof columns)[number]]?: Cell };

/** Returns the first line of the CSV of versions, with the names of its columns. */
export const csvHead = (): string => csvLines([columns]);

/** Returns versions as lines of CSV. A key that begins with = is no formula in them. */
export const csvRows = (versions: readonly CsvVersion[]): string =>
  csvLines(versions.map((version) => columns.map((name) => cell(version[name]))));

const cell = (value: Cell): string => (value instanceof Date ? formatInstant(value) : String(value ?? ''));
