import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { csvLines } from '../platform/csv-lines.ts';
import type { ObjectAt, StorageWrites } from '../storage/port.ts';
import { openAppendFile } from './append-file.ts';
import type { ReportLine } from './entry.ts';
import { forEachInPieces } from './pieces.ts';

/** The report's two files: JSON lines for machines, CSV for people. */
export interface ReportFiles {
  readonly lines: string;
  readonly table: string;
}

/** Their certain sizes in bytes. */
export interface ReportSize {
  readonly lines: number;
  readonly table: number;
}

export interface ReportWriter {
  /** Adds lines and waits until the disk has them. @throws REPORT_UNWRITABLE */
  append(lines: readonly ReportLine[]): Promise<ReportSize>;
  close(): Promise<void>;
}

const columns = [
  'result',
  'bucket',
  'key',
  'versionId',
  'rule',
  'retainUntil',
  'previousUntil',
  'code',
  'reason',
  'remedy',
] as const satisfies readonly (keyof ReportLine)[];

/**
 * Opens the report where it is certain: what was written after the last checkpoint is cut off, and comes again.
 * @throws REPORT_UNWRITABLE, also when it is shorter than it was
 */
export async function openReport(files: ReportFiles, size: ReportSize): Promise<ReportWriter> {
  const lines = await openAppendFile(files.lines, size.lines);
  const table = await openAppendFile(files.table, size.table);
  let current = { ...size };
  if (current.table === 0) current.table = await table.append(csvLines([columns]));
  return {
    async append(added) {
      if (added.length > 0) {
        let text = '';
        let csv = '';
        await forEachInPieces(added, (line) => {
          text += `${JSON.stringify(line)}\n`;
          csv += csvLines([columns.map((name) => line[name] ?? '')]);
        });
        current = { lines: await lines.append(text), table: await table.append(csv) };
      }
      return { ...current };
    },
    async close() {
      await lines.close();
      await table.close();
    },
  };
}

/** No part of a stored report is longer, in characters, so that memory stays flat. */
const partLength = 16 * 1024 * 1024;

/**
 * Stores a file of the report in parts NAME-0001.EXT, NAME-0002.EXT, …, each of whole lines.
 * @returns the keys of the parts
 */
export async function storeProtectReport(
  storage: Pick<StorageWrites, 'writeText'>,
  file: string,
  to: ObjectAt & { readonly extension: string },
): Promise<string[]> {
  const keys: string[] = [];
  let part = '';
  const flush = async () => {
    const key = `${to.key}-${String(keys.length + 1).padStart(4, '0')}.${to.extension}`;
    await storage.writeText({ bucket: to.bucket, key }, part);
    keys.push(key);
    part = '';
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    part += `${line}\n`;
    if (part.length >= partLength) await flush();
  }
  if (part !== '' || keys.length === 0) await flush();
  return keys;
}
