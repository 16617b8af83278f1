import { stringify } from 'csv-stringify/sync';
import { formatInstant } from '../shared/platform/instant.ts';
import type { VersionPosture } from '../shared/posture/types.ts';

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

const rowsAtOnce = 1000;

/** Returns one row a version, in the order in which they were found. */
export async function* reportCsv(versions: AsyncIterable<VersionPosture>): AsyncIterable<string> {
  yield stringify([[...columns]]);
  let rows: string[][] = [];
  for await (const version of versions) {
    rows.push(columns.map((name) => cell(version[name])));
    if (rows.length < rowsAtOnce) continue;
    yield asCsv(rows);
    rows = [];
  }
  yield asCsv(rows);
}

/** People open it in a spreadsheet, where a key that begins with = would be a formula. */
const asCsv = (rows: readonly string[][]): string => stringify([...rows], { escape_formulas: true });

const cell = (value: VersionPosture[keyof VersionPosture]): string =>
  value instanceof Date ? formatInstant(value) : String(value ?? '');
