import * as z from 'zod';
import {
  isLongRetention,
  policyNeedsApproval,
  protectNeedsApproval,
  releaseNeedsApproval,
} from '../../shared/approvals/needed.ts';
import { approvalSubject } from '../../shared/approvals/record.ts';
import { subjectText } from '../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { approvalsNeededBy, type PolicyActSubject } from '../../shared/buckets/approval.ts';
import { type PolicyPlan, parsePlan } from '../../shared/buckets/plan.ts';
import { readMattersIn } from '../../shared/matters/read-loaded.ts';
import { failure } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { readForm } from '../../shared/platform/read-form.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { policiesOf } from '../../shared/storage/policies.ts';
import type { BucketPolicy } from '../../shared/storage/port.ts';
import { actOfRelease, findReleased, findToRelease } from '../hold/to-release.ts';
import { type ApprovingWorld, approvalsPlace } from '../world/approvals.ts';
import { type ToldByPlan, toldByPlan } from './told.ts';

/** A plan of bucket policies, or one act as a command prints it with --dry-run --json. */
export type Approvable =
  | { readonly plan: PolicyPlan }
  | { readonly subject: ApprovalSubject; readonly told: ToldByPlan };

const planned = z.looseObject({ steps: z.array(z.unknown()) });
const oneAct = z.looseObject({
  approval: approvalSubject.optional(),
});

/**
 * Reads what is to be approved.
 * @param file its name, for errors
 * @throws APPROVAL_PLAN_INVALID, PLAN_INVALID
 */
export function readApprovable(text: string, file: string): Approvable {
  const invalid = (reason: string, cause?: unknown) =>
    failure('APPROVAL_PLAN_INVALID', { file, reason }, { cause });
  const document = readForm(text, z.looseObject({}), invalid);
  if (planned.safeParse(document).success) return { plan: parsePlan(text, file) };
  const { approval } = readForm(text, oneAct, invalid);
  if (approval === undefined) throw invalid('it has no act that the rules asked an approval for');
  return { subject: approval, told: toldByPlan.parse(document) };
}

/** Returns the acts of it that the rules ask an approval for. Pure. */
export function actsToApprove(rules: Rules, approvable: Approvable, now: Date): readonly ApprovalSubject[] {
  if ('plan' in approvable) return approvalsNeededBy(rules, approvable.plan.steps, now);
  const { subject } = approvable;
  return isNeeded(rules, subject, now) ? [subject] : [];
}

function isNeeded(rules: Rules, subject: ApprovalSubject, now: Date): boolean {
  switch (subject.act) {
    case 'lock':
    case 'extend':
      return policyNeedsApproval(rules, subject, now);
    case 'retain':
      return isLongRetention(rules, { until: new Date(subject.until), now });
    case 'protect': {
      const counted = { changes: subject.versions, latest: new Date(subject.latest) };
      return protectNeedsApproval(rules, counted, now);
    }
    case 'release':
      return releaseNeedsApproval(rules);
  }
}

/**
 * Looks at what acts are about, and tells what is not as it was any more, one sentence each. What `protect` would write is looked at
 * by the run itself.
 * @throws what reading throws
 */
export async function changedSincePlanned(
  world: ApprovingWorld,
  approvable: Approvable,
  subjects: readonly ApprovalSubject[],
): Promise<readonly string[]> {
  const hash = hashRules(world.rules);
  const rulesThen = 'plan' in approvable ? approvable.plan.rulesHash : rulesOf(approvable.subject);
  const others = rulesThen === undefined || rulesThen === hash ? [] : ['the rules are others'];
  const changed = await Promise.all(subjects.map((subject) => changedSubject(world, subject)));
  return [...others, ...changed.flat()];
}

const rulesOf = (subject: ApprovalSubject): string | undefined =>
  subject.act === 'protect' ? subject.rules : undefined;

async function changedSubject(world: ApprovingWorld, subject: ApprovalSubject): Promise<readonly string[]> {
  switch (subject.act) {
    case 'lock':
    case 'extend': {
      const { bucket } = subject;
      const policy = await policiesOf(world.storage, bucket).getPolicy(bucket);
      return canStillBe(subject, policy) ? [] : [`bucket ${bucket}: its policy is ${inWords(policy)} now`];
    }
    case 'release': {
      const { matter, again = false } = subject;
      const folder = approvalsPlace(world.rules);
      const matters = await readMattersIn(folder, world.storage, {
        withoutPasses: again ? undefined : true,
      });
      const found = again ? findReleased(matters, matter) : findToRelease(matters, matter);
      const now = actOfRelease(matter, found, again);
      const isSame = now !== undefined && subjectText(now) === subjectText(subject);
      return isSame ? [] : [`matter ${subject.matter} was opened, released or gone over since`];
    }
    case 'protect':
      // What is due is decided by it.
      return new Date(subject.before) <= world.clock.now()
        ? []
        : [`the plan is of ${subject.before}, which lies ahead`];
    case 'retain':
      return [];
  }
}

const canStillBe = ({ act, wormId, days }: PolicyActSubject, policy: BucketPolicy | undefined): boolean =>
  policy?.id === wormId &&
  (act === 'lock'
    ? policy.state === 'InProgress' && policy.days === days
    : policy.state === 'Locked' && policy.days < days);

const inWords = (policy: BucketPolicy | undefined): string =>
  policy === undefined ? 'none' : `${policy.id}, ${policy.state}, ${quantity(policy.days, 'day')}`;
