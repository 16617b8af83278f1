import { canNameCaller, formatApprovalName } from '../approvals/name.ts';
import { mostApprovalBytes } from '../approvals/read.ts';
import { approvalText, parseApproval, type WrittenApproval } from '../approvals/record.ts';
import { formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { second } from '../platform/instant.ts';
import type { VersionId } from '../storage/port.ts';
import { type AuditDeps, putOnce, retainWritten } from './keep-file.ts';
import { sha256 } from './name.ts';

/** An approval that was written. */
export interface KeptApproval {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: VersionId | undefined;
  /** Why it is not under retention although a rule asks for it. */
  readonly errors: readonly HoldfastError[];
}

/**
 * Writes an approval once, below the folder of who gives it, and puts it under the retention that the rules give it, as other
 * evidence.
 * @throws EVIDENCE_UNSET, APPROVAL_MALFORMED before anything is written, and what writing throws
 */
export async function keepApproval(deps: AuditDeps, approval: WrittenApproval): Promise<KeptApproval> {
  const { rules, storage } = deps;
  if (rules.audit === undefined) throw failure('EVIDENCE_UNSET', { cloud: rules.cloud, what: 'approvals' });
  const until = new Date(Math.floor(approval.until.getTime() / second) * second); // its name has whole seconds
  const text = approvalText({ ...approval, until });
  const { caller } = approval.by;
  const name = formatApprovalName({ caller, until, sha256: sha256(text) });
  const at = { bucket: rules.audit.bucket, key: `${rules.audit.prefix}${name}` };
  const problem = problemOf(text, caller);
  if (problem !== undefined) {
    throw failure('APPROVAL_MALFORMED', { target: formatAddress(rules.cloud, at), reason: problem });
  }
  const written = await putOnce(storage, at, text);
  const errors = written.sent ? await retainWritten(deps, at, written) : [];
  return { ...at, versionId: written.versionId, errors };
}

/** Says why a text could not be read again as it is. */
function problemOf(text: string, caller: string): string | undefined {
  if (!canNameCaller(caller)) return `the access key "${caller}" cannot name a folder`;
  const bytes = Buffer.byteLength(text);
  if (bytes > mostApprovalBytes) {
    return `it would have ${bytes} bytes, and an approval has at most ${mostApprovalBytes}`;
  }
  const read = parseApproval(text);
  if ('problem' in read) return read.problem;
  return approvalText(read) === text ? undefined : 'it would be read as something else';
}
