import { decideApproval } from '../../shared/approvals/decide.ts';
import { mayNeedProtectApproval } from '../../shared/approvals/needed.ts';
import { approvalRefusal } from '../../shared/approvals/refusal.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import type { Approval, ProtectSubject } from '../../shared/approvals/types.ts';
import { type Source, uploadedBefore } from '../../shared/backfill/source.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant, second } from '../../shared/platform/instant.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import { currentApprovals, requireApprovals } from '../world/approvals.ts';
import { refuseTemporaryCaller } from '../world/caller.ts';
import {
  type Counted,
  countIfApproved,
  countRun,
  type LeftOfApproved,
  type RunToCount,
} from './approved-count.ts';
import type { ApprovedList } from './approved-list.ts';
import { keepPlanned } from './approved-list-file.ts';
import type { Forecast } from './count.ts';

/** A run over existing versions, as far as it is to be approved. */
export interface RunToApprove extends RunToCount {
  /** The options of the command that say which versions it takes, for the error. */
  readonly words: string;
}

/** A run that the rules ask an approval for, with the size of its versions. */
export interface PlannedRun extends Pick<Forecast, 'bytes' | 'unsized'> {
  readonly approval: ProtectSubject;
  readonly cloud: CloudName;
}

/** A run that may go on. */
export interface ApprovedRun {
  /** It has no versions but those that were approved, where an approval was needed. */
  readonly source: Source;
  /**
   * The instant of the plan that was approved: what is due is decided by it, so that days later the run has the same versions and dates.
   * Undefined where no approval is needed.
   */
  readonly decideAt: Date | undefined;
  /** The act, with the approval that counts and the versions as far as they were counted now; undefined where none is needed. */
  readonly approved:
    | {
        readonly subject: ProtectSubject;
        readonly approval: Approval;
        readonly list: ApprovedList | undefined;
        /** The versions of it that are not written now, where that was found out. */
        readonly left: LeftOfApproved | undefined;
      }
    | undefined;
  /** It tells what the run would write; undefined when it goes on with a run that was approved, or nothing had to be counted. */
  readonly counted: Forecast | undefined;
}

/** A run that needs no approval. */
export const unapproved = { decideAt: undefined, approved: undefined } as const;

/**
 * Refuses a run that nobody else has approved, before it writes anything, where the rules ask for that. What was approved is counted
 * again as at the instant of its plan, without what was uploaded since: nothing may be there that was not approved.
 * @param isResumed tells whether a run of this approval was begun, was found to be approved then, and may go on without a count
 * @throws CALLER_TEMPORARY, APPROVAL_MISSING, APPROVAL_OWN, APPROVAL_EXPIRED, APPROVAL_OTHER, and what reading throws
 */
export async function approvedRun(
  run: RunToApprove,
  isResumed: (approval: string) => Promise<boolean>,
): Promise<ApprovedRun> {
  const { world, source } = run;
  if (!mayNeedProtectApproval(world.rules)) return { ...unapproved, source, counted: undefined };
  const approvals = await currentApprovals(world);
  const acting = { own: new Set([world.caller().caller]), now: world.clock.now() };
  const subjects = subjectsFor(run, approvals);
  for (const subject of subjects) {
    const verdict = decideApproval(subject, approvals, acting);
    if (!verdict.approved) continue;
    const resumed = await isResumed(hashSubjects([subject]));
    const counted = resumed ? undefined : await countIfApproved(run, subject);
    if (!resumed && counted === undefined) continue;
    refuseTemporaryCaller(world);
    return asApproved(source, { subject, approval: verdict.approval }, counted);
  }
  const counted = await countRun(run, formatInstant(wholeSecond(acting.now)));
  const { forecast, subject } = counted;
  if (subject === undefined) return { ...unapproved, source, counted: forecast };
  refuseTemporaryCaller(world);
  const [latest] = subjects;
  const again = latest && (await countIfApproved(run, latest));
  const asked = again && latest ? latest : subject;
  const verdict = decideApproval(asked, approvals, acting);
  if (verdict.approved) {
    // It came between the first look and this one, or is of this very second.
    return asApproved(source, { subject: asked, approval: verdict.approval }, again ?? counted);
  }
  const { cloud } = world.rules;
  const told = { cloud, make: makePlanOf(run.words), option: cloudWords[cloud].option };
  throw approvalRefusal(asked, verdict, told, { failure });
}

/** Returns the run that is the approved one: no version that came later, and dates as they were decided then. */
function asApproved(
  source: Source,
  approved: Omit<NonNullable<ApprovedRun['approved']>, 'list' | 'left'>,
  counted: Counted | undefined,
): ApprovedRun {
  const decideAt = new Date(approved.subject.before);
  return {
    source: uploadedBefore(source, decideAt),
    decideAt,
    approved: { ...approved, list: counted?.list, left: counted?.left },
    counted: counted?.forecast,
  };
}

/**
 * Returns what was approved, with the approval that counts now, right before the first write. Refuses a run whose approval has ended, or was
 * taken back, while it was counted and a person was asked; another approval of the same act may have come to count.
 * @throws APPROVAL_MISSING, APPROVAL_OWN, APPROVAL_EXPIRED, APPROVAL_OTHER, and what reading throws
 */
export async function refuseUnlessApprovedStill(
  { world, words }: RunToApprove,
  approved: ApprovedRun['approved'],
): Promise<ApprovedRun['approved']> {
  if (approved === undefined) return undefined;
  const { subject } = approved;
  const counting = await requireApprovals(world, [subject], makePlanOf(words));
  return { ...approved, approval: counting.get(subject) ?? approved.approval };
}

const makePlanOf = (words: string): string => `holdfast protect ${words} --dry-run --json > plan.json`;

/** Returns what was approved of this target and by these rules, the latest approval first; none of a plan that lies ahead. */
function subjectsFor(
  { url, world }: RunToApprove,
  approvals: readonly Approval[],
): readonly ProtectSubject[] {
  const rules = hashRules(world.rules);
  return approvals
    .toSorted((one, other) => other.at.getTime() - one.at.getTime())
    .flatMap(({ subjects }) => subjects)
    .filter(
      (each): each is ProtectSubject =>
        each.act === 'protect' &&
        each.target === url &&
        each.rules === rules &&
        new Date(each.before) <= world.clock.now(),
    );
}

/**
 * Counts what a run would write after a dry run, and returns it as an act that has to be approved; undefined when the rules ask for
 * nothing. The list of its versions is kept here, for the run.
 * @throws what counting throws, CHECKPOINT_UNUSABLE
 */
export async function runToApprove(run: RunToApprove): Promise<PlannedRun | undefined> {
  if (!mayNeedProtectApproval(run.world.rules)) return undefined;
  const before = wholeSecond(run.world.clock.now());
  const cut = uploadedBefore(run.source, before);
  const { subject, forecast, list } = await countRun({ ...run, source: cut }, formatInstant(before));
  const { bytes, unsized } = forecast;
  if (subject !== undefined && list !== undefined) await keepPlanned(subject, list);
  return subject && { approval: subject, cloud: run.world.rules.cloud, bytes, unsized };
}

const wholeSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / second) * second);
