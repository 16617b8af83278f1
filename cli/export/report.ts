import {
  cannotBeRead,
  type ExportFacts,
  exportCover,
  exportVerdict,
  leftOut,
} from '../../shared/export/cover.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { visible } from '../../shared/platform/visible.ts';
import { bytes as inBytes, plural } from '../../shared/report/words.ts';
import { color, prose, type Report, toJson } from '../terminal/output.ts';
import { packFiles } from './folder.ts';
import type { ExportPack } from './pack.ts';

/**
 * Writes the cover and the sums of a pack, which is whole then.
 * @throws FILE_UNWRITABLE
 */
export async function finishExport(folder: string, pack: ExportPack, facts: ExportFacts): Promise<Report> {
  const {
    versions,
    bytes,
    decisions,
    findings,
    unread,
    gone,
    later,
    since,
    from,
    until,
    shownFindings: _,
    ...rest
  } = facts;
  const summary = {
    ...{ versions, bytes, decisions, findings, unread, gone, later, since },
    from: from && formatInstant(from),
    until: until && formatInstant(until),
    ...rest,
  };
  await pack.file('summary.json', `${toJson({ format: 'holdfast.export.summary/1', ...summary })}\n`);
  await pack.file(packFiles.cover, exportCover(facts));
  const sums = await pack.finish();
  const { files } = pack;
  const isFine = findings === 0 && unread.length === 0 && gone === 0 && cannotBeRead(since).length === 0;
  return {
    text: [
      color.bold(
        `${plural(versions, 'version')} (${inBytes(bytes)}) and ${plural(decisions, 'decision')} in ${folder}`,
      ),
      prose((isFine ? color.green : color.red)(exportVerdict(facts))),
      ...facts.shownFindings.map(({ fault, file, reason }) =>
        prose(`${color.red(fault)} ${visible(file)}\n  ${visible(reason)}`),
      ),
      ...unread.map(({ bucket, code, message }) => prose(`${color.red(code)} ${bucket}: ${message}`)),
      ...leftOut(facts).map((line) => prose(line)),
      `last anchor: ${rest.evidence.lastAnchor ?? 'none'}`,
      `SHA-256 of ${packFiles.sums}: ${sums}`,
      prose(`${packFiles.cover} says what is in it, and how to check it without Holdfast`),
    ].join('\n'),
    json: { folder, sums, files, ...summary },
    exitCode: isFine ? 0 : 1,
  };
}
