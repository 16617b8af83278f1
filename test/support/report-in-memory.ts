import type { ReportLine } from '../../shared/backfill/entry.ts';
import type { PassOptions } from '../../shared/backfill/run.ts';

/** Opens a report that keeps its lines in a list. */
export const reportInto =
  (lines: ReportLine[]): PassOptions['openReport'] =>
  () =>
    Promise.resolve({
      append(added) {
        lines.push(...added);
        return Promise.resolve({ lines: lines.length, table: 0 });
      },
      close: () => Promise.resolve(),
    });
