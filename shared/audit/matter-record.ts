import { type MatterRecordName, recordFile, recordKey } from '../matters/name.ts';
import { mostMatterRecordBytes } from '../matters/read.ts';
import { matterRecordText, parseMatterRecord } from '../matters/record.ts';
import type { MatterRecord } from '../matters/types.ts';
import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import type { VersionId } from '../storage/port.ts';
import { type AuditDeps, putOnce, retainWritten } from './keep-file.ts';
import { sha256 } from './name.ts';

/** A record of a matter that was written. */
export interface KeptMatterRecord {
  /** Its name, as records that follow have it. */
  readonly file: string;
  readonly bucket: string;
  readonly key: string;
  /** Absent when the bucket keeps no versions, and in a dry run. */
  readonly versionId: VersionId | undefined;
  /** False in a dry run. */
  readonly sent: boolean;
  /** Why it is not under retention although a rule asks for it. */
  readonly errors: readonly HoldfastError[];
}

/**
 * Writes a record of a matter once, and puts it under the retention that the rules give it, as other evidence.
 * @throws EVIDENCE_UNSET, MATTER_MALFORMED before anything is written, and what writing throws
 */
export async function keepMatterRecord(deps: AuditDeps, record: MatterRecord): Promise<KeptMatterRecord> {
  const { rules, storage } = deps;
  if (rules.audit === undefined) throw failure('EVIDENCE_UNSET', { cloud: rules.cloud, what: 'matters' });
  const text = matterRecordText(record);
  const name: MatterRecordName = {
    id: record.id,
    kind: record.kind,
    sha256: sha256(text),
  };
  const at = { bucket: rules.audit.bucket, key: recordKey(rules.audit, name) };
  refuseUnreadable(text, deps, at);
  const written = await putOnce(storage, at, text);
  const errors = written.sent ? await retainWritten(deps, at, written) : [];
  return { ...at, file: recordFile(name), versionId: written.versionId, sent: written.sent, errors };
}

/** Nobody can take a record back, so one that could not be read again as it is must not be written. */
function refuseUnreadable(
  text: string,
  { rules: { cloud } }: AuditDeps,
  at: { readonly bucket: string; readonly key: string },
): void {
  const problem = problemOf(text, cloud);
  if (problem === undefined) return;
  throw failure('MATTER_MALFORMED', { target: formatAddress(cloud, at), reason: problem });
}

/** Says why a text could not be read again as it is. */
function problemOf(text: string, cloud: CloudName): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > mostMatterRecordBytes) {
    return `it would have ${bytes} bytes, and a record has at most ${mostMatterRecordBytes}`;
  }
  const read = parseMatterRecord(text, cloud);
  if ('problem' in read) return read.problem;
  return matterRecordText(read) === text ? undefined : 'it would be read as something else';
}
