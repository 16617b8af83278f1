import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { type ApprovalFile, approvalFile } from '../../shared/audit/approval-file.ts';
import type { AuditFinding } from '../../shared/audit/findings.ts';
import type { EvidencePass } from '../../shared/export/evidence.ts';
import { approvalRow } from '../../shared/export/rows.ts';
import {
  type ExportScope,
  isBucketAsked,
  isInPeriod,
  mayConcernBucket,
  mayConcernKey,
} from '../../shared/export/scope.ts';
import { parseAddress } from '../../shared/platform/address.ts';
import type { ExportRun } from './world.ts';

/** The approvals that were written. */
export interface ApprovalsFound {
  readonly files: readonly string[];
  /** This is what is wrong with them, and was not found before. */
  readonly findings: readonly AuditFinding[];
}

/**
 * Writes the approvals that decisions of the export name, and those that were given in its period for what it is about.
 * @throws what listing and reading throw, FILE_UNWRITABLE, and the signal's reason
 */
export async function exportApprovals(
  { evidence: storage, scope, place, lookedAt: now, pack, signal }: ExportRun,
  { approvals: named, approvalsGiven: given, matters }: EvidencePass,
): Promise<ApprovalsFound> {
  const policy = await storage.policies?.getPolicy(place.bucket);
  const lockedDays = policy?.state === 'Locked' ? policy.days : undefined;
  const deps = { storage, place, now, rules: scope.rules, lockedDays };
  const files: string[] = [];
  const findings: AuditFinding[] = [];
  for (const file of [...new Set([...named, ...given.keys()])].sort()) {
    signal.throwIfAborted();
    const record = given.get(file);
    const isOfPeriod = record !== undefined && isInPeriod(scope, record.at);
    if (!named.has(file) && !isOfPeriod) continue;
    const found = await approvalFile(deps, file);
    if (!named.has(file) && !isAbout(scope, matters, found)) continue;
    // All evidence was verified where the period has no beginning.
    findings.push(...(scope.from === undefined ? [] : found.inspected), ...found.findings);
    await pack.row('approvals', approvalRow({ file, found, place: record?.place }, scope.rules.cloud));
    if (found.text === undefined) continue;
    files.push(file);
    await pack.file(file, found.text);
  }
  return { files, findings };
}

/** Tells whether an approval is of what is exported. One that cannot be read is taken, so that nobody misses it. */
const isAbout = (scope: ExportScope, matters: ReadonlySet<string>, { approval }: ApprovalFile): boolean =>
  approval === undefined || approval.subjects.some((subject) => isOfExport(scope, matters, subject));

function isOfExport(scope: ExportScope, matters: ReadonlySet<string>, subject: ApprovalSubject): boolean {
  switch (subject.act) {
    case 'lock':
    case 'extend':
      return isBucketAsked(scope, subject.bucket) && mayConcernBucket(scope, subject.bucket);
    case 'retain':
      return isBucketAsked(scope, subject.bucket) && mayConcernKey(scope, subject.bucket, subject.key);
    case 'protect': {
      const { bucket } = parseAddress(subject.target) ?? {};
      return bucket !== undefined && isBucketAsked(scope, bucket) && mayConcernBucket(scope, bucket);
    }
    case 'release':
      return matters.has(subject.matter);
  }
}
