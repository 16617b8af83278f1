import { decideBucket } from '../buckets/decide.ts';
import { asksForOldest } from '../buckets/extend.ts';
import { findSubjects } from '../buckets/subjects.ts';
import type { BucketDecision } from '../buckets/types.ts';
import { decideObject } from '../objects/decide.ts';
import { objectRecord } from '../objects/record.ts';
import { asError } from '../objects/settle.ts';
import type { ObjectDecision } from '../objects/types.ts';
import { HoldfastError } from '../platform/errors.ts';
import { findCollision } from '../rules/collision.ts';
import { bucketRules, candidates } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import type { VersionAt } from '../storage/port.ts';
import type { BucketCase, Case, FoundDecision, ObjectCase } from './types.ts';

/** Tells what the rules decide in a case: the same functions say it that the deployed ones call. Pure. */
export function find(rules: Rules, test: Case): FoundDecision {
  return test.kind === 'object' ? findObject(rules, test) : findBucket(rules, test);
}

const nothing = { others: [], warnings: [], codes: [], covers: [] };

function findObject(rules: Rules, { version, now }: ObjectCase): FoundDecision {
  const concerned = candidates(rules, version.bucket, version.key);
  const collision = concerned.length > 0 ? findCollision(rules, version.bucket) : undefined;
  if (collision !== undefined) return refused(collision);

  const decision = decideObject(rules, version, now);
  const problems = 'problems' in decision ? decision.problems : [];
  const errors = problems.map((problem) => asError(rules.cloud, problem, version));
  const ruled = 'rule' in decision ? decision : undefined;
  const failed = problems.map(({ rule }) => rule);
  return {
    action: decision.action,
    rule: ruled?.rule ?? failed[0],
    others: ruled?.others ?? [],
    until: ruled?.until,
    warnings: ruled?.warnings ?? [],
    codes: errors.map(({ code }) => code).toSorted(),
    reason: reasonOf(decision, errors, version),
    covers: [...(ruled ? [ruled.rule] : []), ...failed],
  };
}

/** Tells what the log says of it. */
function reasonOf(decision: ObjectDecision, errors: readonly HoldfastError[], version: VersionAt): string {
  if (errors.length > 0) return errors.map(({ message }) => message).join('; ');
  return String(objectRecord({ ...version, decision, errors })['reason']);
}

/** A region, so that the bucket counts as being in the one that is served. */
const here = 'here';

function findBucket(rules: Rules, { bucket, policy, now, oldest }: BucketCase): FoundDecision {
  if (bucketRules(rules, bucket).length === 0) {
    return { ...nothing, action: 'no-rule', reason: 'no bucket rule matches' };
  }
  const { subjects, troubles } = findSubjects(rules, [{ name: bucket, region: here }], here);
  const trouble = troubles.find((one) => one.bucket === bucket);
  if (trouble !== undefined) return refused(trouble.error);
  const rule = subjects.find((one) => one.bucket === bucket)?.rule;
  if (rule === undefined) throw new Error(`bucket ${bucket} is neither a subject nor a trouble`);

  const asked = policy !== undefined && asksForOldest(rule.policy, policy, now);
  const decision = decideBucket(rule, policy, rules.limits.maxRetention, now, asked ? oldest : undefined);
  return {
    ...nothing,
    action: decision.action,
    rule: rule.name,
    until: dueOf(decision),
    days: 'days' in decision ? decision.days : undefined,
    problem: decision.action === 'report' ? decision.problem : undefined,
    reason: decision.reason,
    covers: [rule.name],
  };
}

/** Tells when a policy that waits is locked. */
const dueOf = (decision: BucketDecision): Date | undefined =>
  decision.action === 'wait' ? decision.until : undefined;

function refused(error: unknown): FoundDecision {
  if (!(error instanceof HoldfastError)) throw error;
  return { ...nothing, action: 'refuse', codes: [error.code], reason: error.message };
}
