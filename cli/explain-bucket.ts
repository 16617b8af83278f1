import { decideBucket, lockDeadline } from '../shared/buckets/decide.ts';
import { type BucketDecision, isIrreversible } from '../shared/buckets/types.ts';
import { failure } from '../shared/platform/errors.ts';
import { day, formatInstant } from '../shared/platform/instant.ts';
import { bucketRules, objectRulesOfBucket } from '../shared/rules/match.ts';
import type { BucketRule, Rules } from '../shared/rules/types.ts';
import type { BucketPolicy } from '../shared/storage/port.ts';
import { type CloudOptions, connect } from './cloud-options.ts';
import { color, type Report } from './output.ts';

/**
 * The bucket rule that speaks of a bucket, its policy as the service shows it, and what comes next.
 * @throws RULES_COLLIDE, BUCKET_RULES_OVERLAP, and what the service refuses
 */
export async function explainBucket(rules: Rules, bucket: string, options: CloudOptions): Promise<Report> {
  const objectRules = names(objectRulesOfBucket(rules, bucket));
  const matching = bucketRules(rules, bucket);
  const [rule, second] = matching;
  if (rule === undefined) return withoutRule(bucket, objectRules);
  if (objectRules !== '') {
    throw failure('RULES_COLLIDE', { bucket, objectRules, bucketRules: names(matching) });
  }
  if (second !== undefined) throw failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: names(matching) });

  const { storage, clock } = connect(options);
  const policy = await storage.getPolicy(bucket);
  const decision = decideBucket(rule, policy, rules.limits.maxRetention, clock.now());
  const next = nextStep(rule, policy, decision);
  const facts = policy ? factsOf(policy) : { state: 'no policy' };
  const lines = Object.entries({
    rule: rule.name,
    ...facts,
    decision: `${decision.action}: ${decision.reason}`,
    next,
  });
  return {
    text: [
      color.bold(`oss://${bucket}`),
      ...lines.map(([name, value]) => `${name.padEnd(13)}  ${value}`),
    ].join('\n'),
    json: { bucket, rule: rule.name, policy: policy ? factsOf(policy) : null, decision, next },
    exitCode: decision.action === 'report' ? 1 : 0,
  };
}

function withoutRule(bucket: string, objectRules: string): Report {
  const text =
    objectRules === ''
      ? `no rule speaks of bucket ${bucket}`
      : `no bucket rule speaks of ${bucket}; its objects are looked at by ${objectRules}`;
  return {
    text,
    json: { bucket, rule: null, objectRules: objectRules === '' ? [] : objectRules.split(', ') },
  };
}

function factsOf(policy: BucketPolicy): Record<string, string | number> {
  const { id, state, days, createdAt } = policy;
  const facts = { policy: id, state, days, created: formatInstant(createdAt) };
  return state === 'Locked'
    ? { ...facts, end: formatInstant(new Date(createdAt.getTime() + days * day)) }
    : { ...facts, 'lock deadline': formatInstant(lockDeadline(policy)) };
}

/** What the timer will do, and from when. */
function nextStep(
  { policy: rule }: BucketRule,
  policy: BucketPolicy | undefined,
  decision: BucketDecision,
): string {
  switch (decision.action) {
    case 'wait':
      return `lock from ${formatInstant(decision.until)} (irreversible)`;
    case 'watch':
      return `nothing; it lapses at ${formatInstant(decision.deadline)}`;
    case 'leave':
      return rule.extend?.kind === 'rolling' && policy
        ? `look at extending from ${formatInstant(extendFrom(policy, rule.extend.withinMs))}`
        : 'nothing';
    case 'report':
      return 'nothing; a person has to decide';
    default:
      return `${decision.action} at the next run${isIrreversible(decision) ? ' (irreversible)' : ''}`;
  }
}

const extendFrom = (policy: BucketPolicy, withinMs: number): Date =>
  new Date(policy.createdAt.getTime() + policy.days * day - withinMs);

const names = (list: readonly { name: string }[]): string => list.map(({ name }) => name).join(', ');
