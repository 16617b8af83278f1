import { formatInstant } from '../platform/instant.ts';
import { type FileName, formatName, hourOf, sha256 } from './name.ts';

/** This is what was decided, as its log line says it. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** One file before it has a name. */
export interface Draft {
  readonly writer: string;
  readonly sequence: number;
  /** The file before this one; absent for the first. */
  readonly previous: FileName | undefined;
  readonly writtenAt: Date;
  /** The function or the command. */
  readonly by: string;
  /** It names the invocation. */
  readonly requestId: string | undefined;
  /** The fingerprint of the rules that were in force; absent in files of earlier versions. */
  readonly rules?: string | undefined;
  /** The text of those rules, where the file keeps it for whoever asks later. */
  readonly rulesText?: string | undefined;
  readonly records: readonly AuditRecord[];
}

export interface AuditFile extends Draft {
  readonly name: FileName;
  /** It is the file as it lies in the bucket: JSON lines, a header and the records. */
  readonly text: string;
}

/** Returns the file of a draft: the same draft always makes the same file. */
export function toFile(draft: Draft): AuditFile {
  const { writer, sequence, previous, writtenAt, by, requestId, rules, rulesText, records } = draft;
  const head = {
    audit: 1,
    writer,
    sequence,
    previous: previous && formatName(previous),
    writtenAt: formatInstant(writtenAt),
    by,
    requestId,
    records: records.length,
    rules,
    rulesText,
  };
  const text = [head, ...records].map((line) => `${JSON.stringify(line)}\n`).join('');
  const name = { hour: hourOf(writtenAt), writer, sequence, sha256: sha256(text) };
  return { ...draft, name, text };
}
