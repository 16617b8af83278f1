import type { AuditRecord } from '../audit/file.ts';
import { versionKey } from '../disposition/certify.ts';
import { dispositionActions } from '../disposition/records.ts';
import type { VersionSet } from '../disposition/version-set.ts';
import { parseAddress } from '../platform/address.ts';
import { type ExportScope, isBucketAsked, isInPeriod, mayConcernBucket, mayConcernKey } from './scope.ts';

/**
 * Tells whether a record of the evidence is about what is exported: by the rule that it names, or by a version or a bucket
 * that a chosen rule may be for. A record after the period is, when it names a version of the period.
 * @param at when it was decided
 * @param known the versions of the period; undefined where the period has no end, so that no record is after it
 */
export function concerns(
  scope: ExportScope,
  record: AuditRecord,
  at: Date,
  known: VersionSet | undefined,
): boolean {
  if (!isOfScope(scope, record)) return false;
  if (isInPeriod(scope, at)) return true;
  const { until } = scope;
  if (until === undefined || at < until || known === undefined) return false;
  return known.has(versionKey(record));
}

/** Tells whether a record is about the buckets and the rules that were asked for, whenever it was made. */
export function isOfScope(scope: ExportScope, record: AuditRecord): boolean {
  const bucket = bucketOfRecord(record);
  if (bucket === undefined || !isBucketAsked(scope, bucket)) return false;
  return isNamed(scope, record) || isOfRule(scope, bucket, record['key']);
}

/** Returns the bucket that a record is about; the record of an approved run of protect has it in an address. */
export function bucketOfRecord({ bucket, action, target }: AuditRecord): string | undefined {
  if (typeof bucket === 'string') return bucket;
  return action === 'protect-run' && typeof target === 'string' ? parseAddress(target)?.bucket : undefined;
}

/** Returns the matter that a record says is released; such a record names no bucket. */
export const matterReleased = ({ action, matter }: AuditRecord): string | undefined =>
  action === 'released' && typeof matter === 'string' ? matter : undefined;

/** Returns the key of the approval whose record this is. */
export const approvalGiven = ({ action, approval }: AuditRecord): string | undefined =>
  action === 'approved' && typeof approval === 'string' ? approval : undefined;

function isNamed({ chosen }: ExportScope, { rule, others }: AuditRecord): boolean {
  const names: ReadonlySet<unknown> = chosen;
  return [rule, ...(Array.isArray(others) ? others : [])].some((name: unknown) => names.has(name));
}

const isOfRule = (scope: ExportScope, bucket: string, key: unknown): boolean =>
  typeof key === 'string' ? mayConcernKey(scope, bucket, key) : mayConcernBucket(scope, bucket);

/** Tells when something was decided: by the record, or by its file where the record does not say. */
export function timeOfRecord({ time }: AuditRecord, writtenAt: Date): Date {
  const at = new Date(typeof time === 'string' ? time : Number.NaN);
  return Number.isNaN(at.getTime()) ? writtenAt : at;
}

const planSteps: ReadonlySet<unknown> = new Set([
  dispositionActions.planned,
  dispositionActions.approved,
  dispositionActions.certified,
]);

/** Tells whether a record is a step of a plan of disposition, which names no version. */
export const isPlanStep = ({ action, plan }: AuditRecord): boolean =>
  planSteps.has(action) && typeof plan === 'string';

/** Returns the matters that a record names. */
export function mattersNamed({ matter, matters }: AuditRecord): string[] {
  const named: unknown[] = [matter, ...(Array.isArray(matters) ? matters : [])];
  return named.filter((id) => typeof id === 'string');
}
