import type { AuditRecord } from './file.ts';

/** Which records are meant; what is absent does not restrict. */
export interface RecordFilter {
  readonly bucket?: string;
  /** A beginning of the key. */
  readonly key?: string;
  readonly actions?: readonly string[];
  /** Only records of writes that changed something. */
  readonly changesOnly?: boolean;
}

/** Decisions that are carried out by a write, whoever made them. `protected` is the word of bulk runs. */
const changes: ReadonlySet<unknown> = new Set([
  'protect',
  'protected',
  'initiate',
  'lock',
  'extend',
  'abort',
  'renew',
]);

/** Says whether a record is of a write that was sent and did not fail. */
export const isRecordOfChange = ({ action, code, dryRun }: AuditRecord): boolean =>
  changes.has(action) && code === undefined && dryRun !== true;

/** Says whether a record is meant. */
export function matchesFilter(record: AuditRecord, filter: RecordFilter): boolean {
  const { bucket, key, action } = record;
  if (filter.bucket !== undefined && bucket !== filter.bucket) return false;
  if (filter.key !== undefined && !(typeof key === 'string' && key.startsWith(filter.key))) return false;
  if (filter.changesOnly === true && !isRecordOfChange(record)) return false;
  if (filter.actions === undefined) return true;
  return filter.actions.some(
    (wanted) => wanted === action || (wanted === 'protect' && action === 'protected'),
  );
}
