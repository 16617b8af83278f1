import { lockDeadline } from '../shared/buckets/decide.ts';
import { endFrom, naturalEnd } from '../shared/buckets/extend.ts';
import { observeBucket } from '../shared/buckets/observe.ts';
import type { Surveyed } from '../shared/buckets/run.ts';
import { isIrreversible } from '../shared/buckets/types.ts';
import { failure } from '../shared/platform/errors.ts';
import { day, formatInstant } from '../shared/platform/instant.ts';
import { findCollision, ruleNames } from '../shared/rules/collision.ts';
import { bucketRules, objectRulesOfBucket } from '../shared/rules/match.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { BucketPolicy } from '../shared/storage/port.ts';
import { type CloudOptions, connect } from './cloud-options.ts';
import { color, type Report } from './output.ts';

/**
 * The bucket rule that speaks of a bucket, its policy as the service shows it, and what comes next.
 * @throws RULES_COLLIDE, BUCKET_RULES_OVERLAP, and what the service refuses
 */
export async function explainBucket(rules: Rules, bucket: string, options: CloudOptions): Promise<Report> {
  const objectRules = ruleNames(objectRulesOfBucket(rules, bucket));
  const matching = bucketRules(rules, bucket);
  const [rule, second] = matching;
  if (rule === undefined) return withoutRule(bucket, objectRules);
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) throw collision;
  if (second !== undefined)
    throw failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: ruleNames(matching) });

  const { storage, clock } = await connect(options);
  const seen = await observeBucket({ storage, rules, clock }, { bucket, rule });
  const { policy, decision, oldest } = seen;
  const next = nextStep(seen);
  const facts = policy === undefined ? undefined : factsOf(policy);
  const lines = [
    ['rule', rule.name],
    ...policyLines(facts),
    ...(oldest?.kind === 'version' ? [['oldest object', formatInstant(oldest.lastModified)]] : []),
    ['decision', `${decision.action}: ${decision.reason}`],
    ['next', next],
  ].map(([name = '', value]) => `${name.padEnd(13)}  ${value}`);
  return {
    text: [color.bold(`oss://${bucket}`), ...lines].join('\n'),
    json: { bucket, rule: rule.name, policy: facts ?? null, oldest, decision, next },
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

interface Facts extends BucketPolicy {
  /** Of a locked policy: when objects as old as the policy become deletable. */
  readonly end?: Date;
  /** Of any other: when it lapses. */
  readonly lockDeadline?: Date;
}

function factsOf(policy: BucketPolicy): Facts {
  const { state, days, createdAt } = policy;
  return state === 'Locked'
    ? { ...policy, end: new Date(createdAt.getTime() + days * day) }
    : { ...policy, lockDeadline: lockDeadline(policy) };
}

function policyLines(facts: Facts | undefined): string[][] {
  if (facts === undefined) return [['state', 'no policy']];
  const { id, state, days, createdAt, end, lockDeadline: deadline } = facts;
  return [
    ['policy', id],
    ['state', state],
    ['days', String(days)],
    ['created', formatInstant(createdAt)],
    ...(end ? [['end', formatInstant(end)]] : []),
    ...(deadline ? [['lock deadline', formatInstant(deadline)]] : []),
  ];
}

/** What the timer will do, and from when. */
function nextStep({ rule, policy, decision, oldest }: Surveyed): string {
  const { extend } = rule.policy;
  switch (decision.action) {
    case 'wait':
      return `lock from ${formatInstant(decision.until)} (irreversible)`;
    case 'watch':
      return `nothing; it lapses at ${formatInstant(decision.deadline)}`;
    case 'leave':
      if (extend?.kind !== 'rolling' || policy === undefined) return 'nothing';
      if (oldest?.kind === 'none') return 'nothing while it stores no object';
      return `look at extending from ${formatInstant(extendFrom(policy, oldest, extend.withinMs))}`;
    case 'report':
      return 'nothing; a person has to decide';
    default:
      return `${decision.action} at the next run${isIrreversible(decision) ? ' (irreversible)' : ''}`;
  }
}

function extendFrom(policy: BucketPolicy, oldest: Surveyed['oldest'], withinMs: number): Date {
  const end = oldest?.kind === 'version' ? endFrom(oldest.lastModified, policy) : naturalEnd(policy);
  return new Date(end.getTime() - withinMs);
}
