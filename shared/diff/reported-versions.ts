import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { allIssues } from '../platform/first-issue.ts';
import type { Posture } from '../report/posture.ts';
import { type VersionPosture, versionPosture } from '../report/types.ts';
import { versionId } from '../storage/port.ts';
import type { ReportedVersion } from './run.ts';

/** The format of a report of single versions, JSON lines: this first line, then one line a version. */
export const versionsFormat = 'holdfast.report.versions/1';

const head = z.object({ format: z.literal(versionsFormat), at: z.coerce.date(), read: z.boolean() });

/** Returns a report of single versions as JSON lines. */
export async function* versionLines(
  { at, region, targets, source, read, rules }: Posture,
  versions: AsyncIterable<VersionPosture>,
): AsyncIterable<string> {
  yield `${JSON.stringify({ format: versionsFormat, at, region, targets, source, read, rules })}\n`;
  for await (const version of versions) yield `${JSON.stringify(version)}\n`;
}

const shardSize = 1000;

/**
 * Returns the versions of a stored report, a thousand at a time.
 * @throws FILE_UNREADABLE, REPORT_INVALID with the line
 */
export async function* reportedVersions(
  file: string,
): AsyncIterable<{ versions: ReportedVersion[]; done: undefined }> {
  let line = 0;
  let versions: ReportedVersion[] = [];
  for await (const text of linesOf(file)) {
    line += 1;
    if (line === 1) checkHead(text, file);
    else if (text !== '') versions.push(versionOf(text, file, line));
    if (versions.length === shardSize) {
      yield { versions, done: undefined };
      versions = [];
    }
  }
  if (line === 0) throw invalid(file, 1, 'it is empty');
  yield { versions, done: undefined };
}

async function* linesOf(file: string): AsyncIterable<string> {
  try {
    yield* createInterface({ input: createReadStream(file) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('FILE_UNREADABLE', { file, reason }, { cause });
  }
}

/** Says which other kind of report it is, as far as that can be told. */
function checkHead(text: string, file: string): void {
  const found = json(text);
  if (head.safeParse(found).success) return;
  const format = typeof found === 'object' && found !== null && 'format' in found ? found.format : undefined;
  if (format !== undefined)
    throw invalid(file, 1, `its format is ${JSON.stringify(format)}, not ${versionsFormat}`);
  throw invalid(
    file,
    1,
    `it does not begin with the format ${versionsFormat}: it was made by an older Holdfast, or as another format`,
  );
}

function versionOf(text: string, file: string, line: number): ReportedVersion {
  const parsed = versionPosture.safeParse(json(text));
  if (!parsed.success) throw invalid(file, line, allIssues(parsed.error, 'the line'));
  const { bucket, key, versionId: id, size, lastModified, standing, mode, until } = parsed.data;
  return {
    bucket,
    key,
    versionId: id === undefined ? undefined : versionId(id),
    size,
    lastModified,
    type: standing === 'delete-marker' ? 'delete-marker' : undefined,
    stored: mode !== undefined && until !== undefined ? { mode, until } : undefined,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const invalid = (file: string, line: number, reason: string) =>
  failure('REPORT_INVALID', { file, line, reason });
