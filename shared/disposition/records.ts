import { approvalByAnother, type Signed } from '../approvals/another.ts';
import type { AuditRecord } from '../audit/file.ts';
import { searchAudit } from '../audit/search.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';

/** Whoever wrote a record of evidence, by the access key that was used. */
export interface DispositionStep {
  readonly caller: string;
  readonly at: Date;
}

/** An approval of a plan of disposition. */
export interface DispositionApproval extends DispositionStep, Signed {
  readonly reason: string;
  /** The SHA-256 of the script that was written, in hex. */
  readonly script: string;
}

/** Tells what the evidence says of a plan. */
export interface DispositionRecords {
  readonly planned: readonly DispositionStep[];
  readonly approved: readonly DispositionApproval[];
}

/** The words for what was done, as the evidence has them. */
export const dispositionActions = {
  planned: 'disposition-planned',
  approved: 'disposition-approved',
  disposed: 'disposed',
  certified: 'disposition-certified',
} as const;

/**
 * Finds what the evidence says of one plan.
 * @param hash of the plan
 * @throws what listing and reading throw
 */
export async function findDispositionRecords(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
  place: ObjectPrefix,
  { hash, madeAt }: { readonly hash: string; readonly madeAt: Date },
  now: Date,
): Promise<DispositionRecords> {
  const planned: DispositionStep[] = [];
  const approved: DispositionApproval[] = [];
  const actions = [dispositionActions.planned, dispositionActions.approved];
  for await (const { record, writtenAt } of searchAudit(storage, place, { actions }, madeAt, now)) {
    if (record['plan'] !== hash || typeof record['caller'] !== 'string') continue;
    const step = { caller: record['caller'], at: writtenAt };
    if (record['action'] === dispositionActions.planned) planned.push(step);
    else approved.push(...approvalsIn(record, step));
  }
  return { planned, approved };
}

/** Returns the approval of a record; none when its end or the hash of its script cannot be read. */
function approvalsIn(record: AuditRecord, step: DispositionStep): DispositionApproval[] {
  const { until: end, reason: why, script } = record;
  const until = new Date(typeof end === 'string' ? end : '');
  if (Number.isNaN(until.getTime()) || typeof script !== 'string') return [];
  return [{ ...step, until, reason: typeof why === 'string' ? why : '', script }];
}

/**
 * Returns the approval that counts: of somebody who did not make the plan, and of these the one that lasts longest. Pure.
 * @returns undefined when there is none
 */
export const countingApproval = ({
  planned,
  approved,
}: DispositionRecords): DispositionApproval | undefined => approvalByAnother(approved, makersOf(planned));

/** Returns the hashes of the scripts that somebody approved who did not make the plan: each approval writes one. Pure. */
export const approvedScripts = ({ planned, approved }: DispositionRecords): ReadonlySet<string> => {
  const makers = makersOf(planned);
  return new Set(approved.flatMap(({ caller, script }) => (makers.has(caller) ? [] : [script])));
};

const makersOf = (planned: readonly DispositionStep[]): ReadonlySet<string> =>
  new Set(planned.map(({ caller }) => caller));
