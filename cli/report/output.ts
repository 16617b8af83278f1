import { versionLines } from '../../shared/diff/reported-versions.ts';
import { visibleJson } from '../../shared/platform/visible.ts';
import { headline } from '../../shared/report/headline.ts';
import type { Posture } from '../../shared/report/posture.ts';
import type { VersionPosture } from '../../shared/report/types.ts';
import { tellWritten } from '../files/beside-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { shown, toJson } from '../terminal/output.ts';
import { isReaderGone, writePart } from '../terminal/reader.ts';
import { reportCsv } from './csv.ts';
import { pageTemplate, reportHtml } from './html.ts';
import type { ReportFormat } from './options.ts';
import { reportText } from './text.ts';

/**
 * Makes the report in one format and writes it: to a file, or to standard output.
 * @param versions may be called once; what it gives is read only where the format has single versions
 * @throws FILE_UNWRITABLE
 */
export async function writeReport(
  format: ReportFormat,
  posture: Posture,
  versions: () => AsyncIterable<VersionPosture>,
  output: string | undefined,
): Promise<void> {
  const text = await render(format, posture, versions);
  if (output === undefined) return await toStdout(text);
  await replaceFile(output, text);
  await tellWritten(output, `${headline(posture)}\nreport: ${output}`);
}

async function render(
  format: ReportFormat,
  posture: Posture,
  versions: () => AsyncIterable<VersionPosture>,
): Promise<Iterable<string> | AsyncIterable<string>> {
  switch (format) {
    case 'text':
      return [`${shown(reportText(posture), process.stdout)}\n`];
    case 'json':
      return [`${visibleJson(toJson({ format: 'holdfast.report/1', ...posture }))}\n`];
    case 'jsonl':
      return versionLines(posture, versions());
    case 'csv':
      return reportCsv(versions());
    case 'html':
      return [await reportHtml(await pageTemplate(), posture, versions())];
  }
}

/** Writes to standard output as fast as its reader takes it; a terminal is shown nothing that would steer it. */
async function toStdout(text: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const part of text) {
    if (isReaderGone()) return;
    await writePart(process.stdout.isTTY ? shown(part, process.stdout) : part);
  }
}
