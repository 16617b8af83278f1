import { approvalRecord } from '../../shared/approvals/fields.ts';
import { type Applied, applyChange } from '../../shared/buckets/apply.ts';
import { approvalNeededFor, type PolicyActSubject } from '../../shared/buckets/approval.ts';
import {
  decideManualPolicy,
  type FoundPolicy,
  type ManualPolicyRequest,
} from '../../shared/buckets/manual-policy.ts';
import { type BucketChange, isIrreversible } from '../../shared/buckets/types.ts';
import { failure } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { policiesOf } from '../../shared/storage/policies.ts';
import { type Cloud, connect, type RulesOptions, readRules } from '../options/cloud-options.ts';
import { confirmWord, here, type Terminal } from '../terminal/confirm.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { color, objectUrl, type Report } from '../terminal/output.ts';
import { requireApprovals } from '../world/approvals.ts';
import { evidenceOf } from '../world/evidence.ts';
import { guarded } from '../world/guarded.ts';
import { aligned, policyFacts, policyLines } from '../world/policy-facts.ts';

export interface ChangeOptions extends RulesOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Carries out one request about a bucket's policy: observe, decide, confirm, apply, read back. What a person took time to
 * confirm is observed again.
 * @throws the refusals of {@link decideManualPolicy}, what {@link applyChange} and {@link requireApprovals} throw, POLICY_NOT_OFFERED, NOT_CONFIRMED, CHANGED_MEANWHILE
 */
export async function changePolicy(
  bucket: string,
  request: ManualPolicyRequest,
  options: ChangeOptions,
  terminal = here,
): Promise<Report> {
  const cloud = guarded(await connect(options), options);
  policiesOf(cloud.storage, bucket); // a cloud without policies says so, whatever the rules are
  const rules = await readRules(options);
  const found = await observe(cloud, bucket);
  const decided = decideManualPolicy(rules, request, found, cloud.clock.now());
  if (decided.kind === 'refuse') throw decided.error;
  if (decided.kind === 'leave') {
    const text = `${color.bold(objectUrl(rules.cloud, { bucket }))}\nnothing to do: ${decided.reason}`;
    return {
      text,
      json: { bucket, action: request.action, changed: false, ...policyJson(found.policy, cloud) },
    };
  }
  const subject = approvalNeededFor(rules, bucket, decided.change, cloud.clock.now());
  const make = `holdfast policy ${request.action} ${objectUrl(rules.cloud, { bucket })}${'days' in request ? ` --days ${request.days}` : ''} --dry-run --json > plan.json`;
  const asked = subject === undefined || options.dryRun === true ? [] : [subject];
  const before = await requireApprovals({ ...cloud, rules }, asked, make);
  const asks = isIrreversible(decided.change) && options.yes !== true && options.dryRun !== true;
  if (asks) await confirmed(decided.change, found, { rules, request, cloud, terminal });
  // An approval may have ended, or been taken back, during the question.
  const [approval] = (asks ? await requireApprovals({ ...cloud, rules }, asked, make) : before).values();
  onInterrupt(stopMidway);
  const { change } = decided;
  const about = { bucket, action: change.action, previousDays: found.policy?.days, reason: 'by hand' };
  const applied = await evidenceOf('holdfast policy', { ...cloud, rules }).of(
    about,
    () => applyChange(cloud.storage, cloud.clock, bucket, change),
    (result) => ({ ...appliedRecord(result), ...approvalRecord(approval) }),
  );
  return report({ bucket, change, subject }, applied, cloud);
}

const appliedRecord = ({ sent, policy, requestId, note }: Applied) => ({
  wormId: policy?.id,
  state: policy?.state,
  days: policy?.days,
  note,
  ossRequestId: requestId,
  dryRun: sent ? undefined : true,
});

/** ObjectWorm is asked for only where a policy may begin, since it rules one out. */
async function observe({ storage }: Cloud, bucket: string): Promise<FoundPolicy> {
  const policy = await policiesOf(storage, bucket).getPolicy(bucket);
  const objectWorm = policy === undefined ? await storage.getObjectWorm(bucket) : undefined;
  return { bucket, policy, objectWorm };
}

interface Question {
  readonly rules: Rules;
  readonly request: ManualPolicyRequest;
  readonly cloud: Cloud;
  readonly terminal: Terminal;
}

/** Lets a person confirm, who takes time to answer: so the bucket is looked at again afterwards. */
async function confirmed(
  change: BucketChange,
  before: FoundPolicy,
  { rules, request, cloud, terminal }: Question,
): Promise<void> {
  await confirmWord(change.action, inWords(before.bucket, change), terminal);
  const after = await observe(cloud, before.bucket);
  if (stateOf(before) === stateOf(after)) {
    const again = decideManualPolicy(rules, request, after, cloud.clock.now());
    if (again.kind === 'refuse') throw again.error; // it may have lapsed meanwhile
    return;
  }
  throw failure('CHANGED_MEANWHILE', {
    target: objectUrl(cloud.storage.cloud, { bucket: before.bucket }),
    before: stateOf(before),
    after: stateOf(after),
  });
}

const stateOf = ({ policy }: FoundPolicy): string =>
  policy === undefined
    ? 'without policy'
    : `policy ${policy.id}, ${policy.state}, ${quantity(policy.days, 'day')}`;

function inWords(bucket: string, change: BucketChange): string {
  switch (change.action) {
    case 'lock':
      return `lock ${bucket} (${quantity(change.days, 'day')})`;
    case 'extend':
      return `extend ${bucket} (from ${change.fromDays} to ${quantity(change.days, 'day')})`;
    case 'initiate':
      return `initiate a policy of ${quantity(change.days, 'day')} on ${bucket}`;
    default:
      return `${change.action} the policy of ${bucket}`;
  }
}

interface ChangeToReport {
  readonly bucket: string;
  readonly change: BucketChange;
  /** The act that the rules ask an approval for. */
  readonly subject: PolicyActSubject | undefined;
}

function report({ bucket, change, subject }: ChangeToReport, applied: Applied, cloud: Cloud): Report {
  const { sent, policy, note, requestId } = applied;
  const words = inWords(bucket, change);
  const json = { bucket, action: change.action, changed: sent, sent, requestId, note };
  if (!sent) {
    const text = `dry run: would ${words}; nothing was sent`;
    return { text, json: { ...json, ...(subject !== undefined && { approval: subject }) } };
  }
  const lines: [string, string][] =
    policy === undefined
      ? [['state', 'no WORM policy']]
      : policyLines(policyFacts(policy, cloud.clock.now()));
  return {
    text: [
      `${color.green('done:')} ${words}; read back:`,
      aligned(lines),
      ...(note === undefined ? [] : [note]),
    ].join('\n'),
    json: { ...json, ...policyJson(policy, cloud) },
  };
}

const policyJson = (policy: FoundPolicy['policy'], { clock }: Cloud) => ({
  policy: policy === undefined ? null : policyFacts(policy, clock.now()),
});

function stopMidway(): void {
  process.stderr.write(
    '\ninterrupted: the change may have been made; `holdfast policy get` shows what is so now\n',
  );
  process.exit(130);
}
