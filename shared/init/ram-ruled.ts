import { approvalsIn } from '../approvals/name.ts';
import { type Need, needsOf, type Role } from '../deploy/role-needs.ts';
import { mattersIn } from '../matters/name.ts';
import { writeDenial } from '../ram/write-denial.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import type { Answers } from './answers.ts';

/** A statement of a RAM policy, as it is written. */
interface RuledStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringLike: { readonly 'oss:Prefix': readonly string[] } };
}

/**
 * Returns what the role of a function needs for the evidence, beyond what ram/ has: what the rules make it ask for with `audit` and not
 * without, and the denial of writes among the matters. Nothing for rules without `audit`, and for a function that writes none. Pure.
 */
function auditStatements(
  role: Role,
  answers: Pick<Answers, 'objectBuckets' | 'archiveBuckets'>,
  rules: Rules,
): readonly RuledStatement[] {
  const { audit } = rules;
  if (audit === undefined) return [];
  const added = addedBy(role, answers, rules, { ...rules, audit: undefined });
  return added.length === 0
    ? []
    : [...grouped(added).map(allowing), writeDenial(mattersIn(audit)), writeDenial(approvalsIn(audit))];
}

/** Returns what rules make the role of a function need beyond what ram/ has, by `audit` and by `defaults`. Pure. */
export const ruledStatements = (
  role: Role,
  answers: Pick<Answers, 'objectBuckets' | 'archiveBuckets'>,
  rules: Rules,
): readonly RuledStatement[] => [
  ...auditStatements(role, answers, rules),
  ...defaultStatements(role, answers, rules),
];

/** Returns what rules make a function ask for, and others do not. */
function addedBy(
  role: Role,
  { objectBuckets, archiveBuckets }: Pick<Answers, 'objectBuckets' | 'archiveBuckets'>,
  rules: Rules,
  others: Rules,
): Need[] {
  const names = [...objectBuckets, ...archiveBuckets];
  const needsUnder = (each: Rules): Need[] => {
    const buckets = names.map((name) => ({
      name,
      objectRules: objectRulesOfBucket(each, name),
      bucketRules: bucketRules(each, name),
      defaultRules: defaultsOfBucket(each, name),
    }));
    return needsOf(role, each, buckets, { functionName: '', rulesAt: undefined, inventories: [] });
  };
  const known = new Set(needsUnder(others).map((need) => JSON.stringify(need)));
  return needsUnder(rules).filter((need) => !known.has(JSON.stringify(need)));
}

/**
 * Returns what the role of a function needs for the default retention of the buckets, beyond what ram/ has: what the rules make it ask for
 * with `defaults` and not without. Nothing for rules without, and for every function but the timer. Pure.
 */
function defaultStatements(
  role: Role,
  answers: Pick<Answers, 'objectBuckets' | 'archiveBuckets'>,
  rules: Rules,
): readonly RuledStatement[] {
  return grouped(addedBy(role, answers, rules, { ...rules, defaults: [] })).map(allowing);
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

function allowing(needs: readonly Need[]): RuledStatement {
  const [first] = needs;
  return {
    Effect: 'Allow',
    Action: needs.map(({ action }) => action),
    Resource: [`acs:oss:*:*:${first?.resource}`],
    ...(first?.prefix !== undefined && { Condition: { StringLike: { 'oss:Prefix': [`${first.prefix}*`] } } }),
  };
}
