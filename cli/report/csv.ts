import { csvHead, csvRows } from '../../shared/report/csv.ts';
import type { VersionPosture } from '../../shared/report/types.ts';

const rowsAtOnce = 1000;

/** Returns one row a version, in the order in which they were found. */
export async function* reportCsv(versions: AsyncIterable<VersionPosture>): AsyncIterable<string> {
  yield csvHead();
  let rows: VersionPosture[] = [];
  for await (const version of versions) {
    rows.push(version);
    if (rows.length < rowsAtOnce) continue;
    yield csvRows(rows);
    rows = [];
  }
  yield csvRows(rows);
}
