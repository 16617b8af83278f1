import { subjectInWords } from '../approvals/subject.ts';
import type { ApprovalFile } from '../audit/approval-file.ts';
import type { AuditFile, AuditRecord } from '../audit/file.ts';
import type { AuditFinding } from '../audit/findings.ts';
import { type FileName, formatName } from '../audit/name.ts';
import { scopeToText } from '../matters/record.ts';
import type { Matter } from '../matters/state.ts';
import type { CloudName } from '../platform/address.ts';
import { csvLines } from '../platform/csv-lines.ts';
import { formatInstant } from '../platform/instant.ts';
import type { UnreadableBucket } from '../report/unreadable-bucket.ts';
import { bucketOfRecord } from './concerns.ts';
import type { ExportedVersion } from './look.ts';
import type { RulesSeen } from './rules-seen.ts';

/** The columns of each table of an export. */
export const exportColumns = {
  versions: [
    ...['bucket', 'key', 'versionId', 'current', 'lastModified', 'size', 'storageClass'],
    ...['rule', 'otherRules', 'ruleUntil', 'retention', 'retainedUntil', 'legalHold'],
    ...['standing', 'matters', 'releasedMatters', 'tags', 'reason'],
  ],
  decisions: [
    ...['time', 'action', 'bucket', 'key', 'versionId', 'rule', 'otherRules', 'retainUntil', 'previousUntil'],
    ...['days', 'previousDays', 'defaultRetention', 'previousDefault', 'matters', 'code', 'reason'],
    ...['by', 'caller', 'approvedBy', 'approval', 'requestId'],
    ...['rules', 'file', 'record'],
  ],
  chain: [
    ...['file', 'sha256', 'writer', 'number', 'previous', 'writtenAt', 'by', 'rules', 'records'],
    ...['decisions', 'inPack'],
  ],
  rules: ['fingerprint', 'firstSeen', 'lastSeen', 'files', 'text', 'textFitsFingerprint'],
  matters: [
    ...[
      'matter',
      'record',
      'what',
      'at',
      'by',
      'reason',
      'match',
      'tags',
      'from',
      'until',
      'complete',
      'counts',
    ],
  ],
  dispositions: [
    ...[
      'time',
      'action',
      'plan',
      'caller',
      'reason',
      'until',
      'versions',
      'bytes',
      'gone',
      'there',
      'touched',
    ],
    ...['late', 'certificate', 'file', 'record'],
  ],
  approvals: [
    ...['approval', 'approvedBy', 'writtenAt', 'until', 'acts', 'plan', 'note', 'inPack', 'file', 'record'],
  ],
  findings: ['fault', 'file', 'reason'],
  unread: ['bucket', 'code', 'message', 'remedy'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type ExportTable = keyof typeof exportColumns;

type Row = Readonly<Record<string, unknown>>;

/** Returns the first line of a table. */
export const exportHead = (table: ExportTable): string => csvLines([exportColumns[table]]);

/** Returns lines of a table. */
export const exportLines = (table: ExportTable, rows: readonly Row[]): string =>
  csvLines(rows.map((row) => exportColumns[table].map((name) => cell(row[name]))));

/** Returns a line of a table as texts, which can be kept and written later. */
export const textRow = (table: ExportTable, row: Row): Readonly<Record<string, string>> =>
  Object.fromEntries(exportColumns[table].map((name) => [name, cell(row[name])]));

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return formatInstant(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Returns the line of a version. */
export function versionRow(version: ExportedVersion): Row {
  const { judgement, retention, matters, tags, isLatest, legalHold, isOfPolicy, others, ...rest } = version;
  const { rule, wanted, until, standing, reason } = judgement;
  const policyUntil = isOfPolicy ? until : undefined;
  return {
    ...rest,
    current: isLatest === undefined ? '' : isLatest ? 'yes' : 'no',
    rule,
    otherRules: others,
    ruleUntil: wanted,
    retention: retention?.mode ?? (policyUntil === undefined ? 'none' : 'bucket policy'),
    retainedUntil: retention?.until ?? policyUntil,
    legalHold: legalHold ? 'on' : '',
    standing,
    matters: matters.filter(({ isOpen }) => isOpen).map(({ id }) => id),
    releasedMatters: matters.filter(({ isOpen }) => !isOpen).map(({ id }) => id),
    tags: tags.length === 0 ? '' : JSON.stringify(Object.fromEntries(tags)),
    reason,
  };
}

/**
 * Returns the line of a decision.
 * @param index of the record in its file, from 1 on
 */
export function decisionRow(file: AuditFile, record: AuditRecord, index: number): Row {
  const { matter, matters, others, newDays, days } = record;
  return {
    ...record,
    bucket: bucketOfRecord(record),
    otherRules: others,
    days: newDays ?? days,
    matters: matters ?? matter,
    ...placeOf(file, index),
  };
}

/** Returns the place of a record: its file in the pack, and its number there. */
export const placeOf = ({ name, by, requestId, rules }: AuditFile, index: number): Row => ({
  by,
  requestId,
  rules,
  file: `evidence/${formatName(name)}`,
  record: index,
});

/** An approval in the pack, or one that is not there. */
export interface ExportedApproval {
  /** Below the folder of the evidence. */
  readonly file: string;
  readonly found: ApprovalFile;
  /** The place of its record; undefined where the evidence that was read has none. */
  readonly place: Row | undefined;
}

/** Returns the line of an approval. */
export function approvalRow({ file, found, place }: ExportedApproval, cloud: CloudName): Row {
  const { name, writtenAt, text, approval } = found;
  return {
    ...{ approval: file, approvedBy: name?.caller, writtenAt, until: name?.until },
    acts: approval?.subjects.map((subject) => subjectInWords(subject, cloud)).join('; '),
    ...{ plan: approval?.plan, note: approval?.note, inPack: text === undefined ? 'no' : 'yes' },
    ...{ file: place?.['file'], record: place?.['record'] },
  };
}

/** Returns the line of a step of a plan of disposition. */
export const dispositionRow = (file: AuditFile, record: AuditRecord, index: number): Row => ({
  ...record,
  ...placeOf(file, index),
});

/** Returns the line of a file of evidence. */
export function chainRow(
  name: FileName,
  file: AuditFile | undefined,
  { decisions, isKept }: { readonly decisions: number; readonly isKept: boolean },
): Row {
  const { writer, sequence, sha256 } = name;
  return {
    ...{ file: `evidence/${formatName(name)}`, sha256, writer, number: sequence },
    previous: file?.previous && formatName(file.previous),
    writtenAt: file?.writtenAt,
    by: file?.by,
    rules: file?.rules,
    records: file === undefined ? 'unreadable' : file.records.length,
    decisions,
    inPack: isKept ? 'yes' : 'no',
  };
}

/** Returns the line of rules that the evidence names. */
export const rulesRow = (
  { fingerprint, first, last, files }: RulesSeen,
  text: string,
  fits: string,
): Row => ({
  fingerprint,
  firstSeen: first,
  lastSeen: last,
  files,
  text,
  textFitsFingerprint: fits,
});

/** Returns the line of something that is wrong with the evidence. */
export const findingRow = ({ fault, file, reason }: AuditFinding): Row => ({ fault, file, reason });
/** Returns the line of a bucket that could not be read. */
export const unreadRow = (bucket: UnreadableBucket): Row => bucket;

/** Returns a line for each step of a matter. */
export function matterRows({ id, openings, passes }: Matter): Row[] {
  const steps = openings.flatMap(({ file, opened, released }): Row[] => {
    const { match, tags, from, until } = scopeToText(opened.scope);
    return [
      {
        ...{ matter: id, record: file, what: 'opened', at: opened.at, by: opened.by.caller },
        ...{ reason: opened.reason, match, tags, from, until },
      },
      ...(released === undefined
        ? []
        : [
            {
              ...{ matter: id, what: 'released', at: released.at, by: released.by.caller },
              ...{ record: file, reason: released.reason },
            },
          ]),
    ];
  });
  return [
    ...steps,
    ...passes.map(({ kind, at, by, complete, counts, reason }) => ({
      ...{ matter: id, what: kind, at, by: by.caller, complete, counts, reason },
    })),
  ];
}
