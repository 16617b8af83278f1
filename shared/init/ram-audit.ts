import { approvalsIn } from '../approvals/name.ts';
import { type Need, needsOf, type Role } from '../deploy/role-needs.ts';
import { mattersIn } from '../matters/name.ts';
import { writeDenial } from '../ram/write-denial.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import type { Answers } from './answers.ts';

/** A statement of a RAM policy, as it is written. */
interface AuditStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringLike: { readonly 'oss:Prefix': readonly string[] } };
}

/**
 * Returns what the role of a function needs for the evidence, beyond what ram/ has: what the rules make it ask for with `audit` and not
 * without, and the denial of writes among the matters. Nothing for rules without `audit`, and for a function that writes none. Pure.
 */
export function auditStatements(
  role: Role,
  { objectBuckets, archiveBuckets }: Pick<Answers, 'objectBuckets' | 'archiveBuckets'>,
  rules: Rules,
): readonly AuditStatement[] {
  const { audit } = rules;
  if (audit === undefined) return [];
  const buckets = [...objectBuckets, ...archiveBuckets].map((name) => ({
    name,
    objectRules: objectRulesOfBucket(rules, name),
    bucketRules: bucketRules(rules, name),
    defaultRules: defaultsOfBucket(rules, name),
  }));
  const needsUnder = (each: Rules): Need[] =>
    needsOf(role, each, buckets, { functionName: '', rulesAt: undefined, inventories: [] });
  const without = new Set(needsUnder({ ...rules, audit: undefined }).map((need) => JSON.stringify(need)));
  const added = needsUnder(rules).filter((need) => !without.has(JSON.stringify(need)));
  return added.length === 0
    ? []
    : [...grouped(added).map(allowing), writeDenial(mattersIn(audit)), writeDenial(approvalsIn(audit))];
}

/** The needs on one resource, with one prefix, are one statement. */
function grouped(needs: readonly Need[]): Need[][] {
  const groups = new Map<string, Need[]>();
  for (const need of needs) {
    const key = JSON.stringify([need.resource, need.prefix]);
    groups.set(key, [...(groups.get(key) ?? []), need]);
  }
  return [...groups.values()];
}

function allowing(needs: readonly Need[]): AuditStatement {
  const [first] = needs;
  return {
    Effect: 'Allow',
    Action: needs.map(({ action }) => action),
    Resource: [`acs:oss:*:*:${first?.resource}`],
    ...(first?.prefix !== undefined && { Condition: { StringLike: { 'oss:Prefix': [`${first.prefix}*`] } } }),
  };
}
