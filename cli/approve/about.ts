import { subjectInWords } from '../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import type { PolicyActSubject } from '../../shared/buckets/approval.ts';
import { readMattersIn } from '../../shared/matters/read-loaded.ts';
import { findMatter } from '../../shared/matters/state.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { bytes } from '../../shared/report/words.ts';
import { bucketRules } from '../../shared/rules/match.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { policiesOf } from '../../shared/storage/policies.ts';
import { versionId } from '../../shared/storage/port.ts';
import { openingLines, passLines } from '../hold/list.ts';
import { color, prose } from '../terminal/output.ts';
import { ruleWithReason } from '../terminal/rule-words.ts';
import { type ApprovingWorld, approvalsPlace } from '../world/approvals.ts';
import { aligned, policyFacts, policyLines } from '../world/policy-facts.ts';
import { retentionLines } from '../world/retention-facts.ts';
import type { Approvable } from './approvable.ts';
import { type ToldByPlan, toldOfRelease, toldOfRun } from './told.ts';

type Line = readonly [name: string, value: string];

/**
 * Says in lines what an act is about: as the service, the rules and the matters have it now, and then what its plan says beside it.
 * @throws what reading throws
 */
export async function aboutAct(
  world: ApprovingWorld,
  approvable: Approvable,
  subject: ApprovalSubject,
): Promise<string> {
  const told = 'plan' in approvable ? {} : approvable.told;
  const lines = await linesOf(world, subject, told);
  return [
    prose(color.bold(subjectInWords(subject, world.rules.cloud))),
    ...(lines.length === 0 ? [] : [aligned(lines)]),
  ].join('\n');
}

async function linesOf(
  world: ApprovingWorld,
  subject: ApprovalSubject,
  told: ToldByPlan,
): Promise<readonly Line[]> {
  switch (subject.act) {
    case 'lock':
    case 'extend':
      return await aboutPolicy(world, subject);
    case 'retain':
      return await aboutVersion(world, subject);
    case 'protect':
      return [['rules', subject.rules.slice(0, 'sha256:'.length + 12)], ...toldOfRun(told)];
    case 'release':
      return [...(await aboutMatter(world, subject.matter)), ...toldOfRelease(told)];
  }
}

async function aboutPolicy(
  { storage, rules, clock }: ApprovingWorld,
  { bucket }: PolicyActSubject,
): Promise<Line[]> {
  const policy = await policiesOf(storage, bucket).getPolicy(bucket);
  const now = policy === undefined ? [] : policyLines(policyFacts(policy, clock.now()));
  return [...ruleLines(bucketRules(rules, bucket)), ...now];
}

const ruleLines = (matching: Rules['buckets']): Line[] =>
  matching.map(({ name, because }) => ['rule', ruleWithReason(name, because)]);

/** Whoever approves may have no right to look at objects: then it is said that nobody has looked. */
async function aboutVersion(
  { storage, clock }: ApprovingWorld,
  { bucket, key, versionId: id }: Extract<ApprovalSubject, { act: 'retain' }>,
): Promise<Line[]> {
  try {
    const head = await storage.headObject({ bucket, key, versionId: versionId(id) });
    if (typeof head === 'string') return [['version', 'it is not there any more']];
    const { size, lastModified, retention, legalHold } = head;
    return [
      ['size', bytes(size)],
      ['modified', formatInstant(lastModified)],
      ...retentionLines(retention, clock.now(), legalHold),
    ];
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return [['version', `it could not be looked at: ${error.code}`]];
  }
}

async function aboutMatter({ storage, rules }: ApprovingWorld, id: string): Promise<Line[]> {
  const matter = findMatter(await readMattersIn(approvalsPlace(rules), storage), id);
  if (matter === undefined) return [['matter', 'its records cannot be read: what it holds is not known']];
  return [...matter.openings.flatMap(openingLines), ...passLines(matter)];
}
