import { nextActToApprove } from '../../shared/buckets/approval.ts';
import { outlook } from '../../shared/buckets/outlook.ts';
import { lookAtDefault } from '../../shared/defaults/run.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { findCollision, ruleNames } from '../../shared/rules/collision.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../../shared/rules/match.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { type CloudOptions, connect } from '../options/cloud-options.ts';
import { type PlannedDefault, plannedDefault, plannedDefaultInWords } from '../plan/defaults.ts';
import { color, describeError, objectUrl, type Report, table } from '../terminal/output.ts';
import {
  type DescribedPolicy,
  describedPolicy,
  isDescribed,
  livePolicy,
  type SeenPolicy,
} from '../world/observe-policy.ts';
import { aligned, policyFacts, policyLines } from '../world/policy-facts.ts';

/**
 * Returns every bucket rule with whether it matches the bucket, the policy as the service shows it or as described,
 * and what comes next and when.
 * @throws USAGE, and what the service refuses
 */
export async function explainBucket(
  rules: Rules,
  bucket: string,
  options: CloudOptions & DescribedPolicy,
): Promise<Report> {
  const objectRules = objectRulesOfBucket(rules, bucket);
  const matching = bucketRules(rules, bucket);
  const verdicts = rules.buckets.map(({ name, match }) => {
    const matched = matching.some((rule) => rule.name === name);
    const says = matched ? '' : `bucket ${bucket} does not match ${match.bucket.globs.join(', ')}`;
    return { rule: name, matched, says };
  });
  const known = {
    cloud: rules.cloud,
    bucket,
    place: objectUrl(rules.cloud, { bucket }),
    rules: verdicts,
    objectRules: objectRules.map(({ name }) => name),
  };
  const [rule] = matching;
  if (rule === undefined) return withoutRule(known, await seenDefault(rules, bucket, options));
  const error = whyNotServed(rules, bucket);
  if (error !== undefined) return unserved(known, error);

  const subject = { bucket, rule };
  const seen = isDescribed(options)
    ? describedPolicy(rules, subject, options)
    : await livePolicy(rules, subject, options);
  return served(known, rules, seen);
}

/** This is what is known of a bucket before its policy is looked at. */
interface Known {
  readonly cloud: CloudName;
  readonly bucket: string;
  /** Its address. */
  readonly place: string;
  readonly rules: readonly { readonly rule: string; readonly matched: boolean; readonly says: string }[];
  readonly objectRules: readonly string[];
}

/** Looks at the default retention of a bucket; undefined where no rule asks for one, or the policy is described and nothing asked. */
async function seenDefault(
  rules: Rules,
  bucket: string,
  options: CloudOptions & DescribedPolicy,
): Promise<PlannedDefault | HoldfastError | undefined> {
  const [rule, ...others] = defaultsOfBucket(rules, bucket);
  if (rule === undefined || isDescribed(options)) return undefined;
  if (others.length > 0)
    return failure('DEFAULT_RULES_OVERLAP', { bucket, rules: ruleNames([rule, ...others]) });
  const { storage } = await connect(options);
  return plannedDefault(await lookAtDefault({ storage, rules }, { bucket, rule }));
}

function withoutRule(
  { cloud, bucket, rules, objectRules }: Known,
  seen: PlannedDefault | HoldfastError | undefined,
): Report {
  const objects =
    objectRules.length === 0
      ? `no ${seen === undefined ? '' : 'object or bucket '}rule matches bucket ${bucket}`
      : `no bucket rule matches ${bucket}; its objects are looked at by ${objectRules.toSorted().join(', ')}`;
  const json = { cloud, bucket, rule: null, rules, objectRules, next: null };
  if (seen === undefined) return { text: objects, json: { ...json, errors: [] } };
  if (seen instanceof HoldfastError) {
    const text = `${objects}\n${color.red(`error ${seen.code}:`)} ${seen.message}\nwhat to do: ${seen.remedy}`;
    return { text, json: { ...json, errors: [describeError(seen)] }, exitCode: 1 };
  }
  const needsPerson = seen.action === 'report' && seen.problem !== 'default-longer';
  return {
    text: `${objects}\n${plannedDefaultInWords(seen)}`,
    json: { ...json, defaultRetention: seen, errors: [] },
    exitCode: needsPerson ? 1 : 0,
  };
}

function whyNotServed(rules: Rules, bucket: string): HoldfastError | undefined {
  const matching = bucketRules(rules, bucket);
  if (matching.length > 1)
    return failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: ruleNames(matching) });
  return findCollision(rules, bucket);
}

/** Rules that claim it together: the timer leaves it alone and says so in every run. */
function unserved({ cloud, bucket, place, rules, objectRules }: Known, error: HoldfastError): Report {
  const lines: [string, string][] = [
    ...(objectRules.length > 0
      ? ([['object rules', objectRules.join(', ')]] satisfies [string, string][])
      : []),
    ['next', 'nothing: the timer leaves the bucket alone and reports it in every run'],
  ];
  return {
    text: [
      color.bold(place),
      ruleTable(rules),
      '',
      aligned(lines),
      `${color.red(`error ${error.code}:`)} ${error.message}`,
      `what to do: ${error.remedy}`,
    ].join('\n'),
    json: { cloud, bucket, rule: null, rules, objectRules, next: null, errors: [describeError(error)] },
    exitCode: 1,
  };
}

function served(
  { cloud, bucket, place, rules: verdicts, objectRules }: Known,
  rules: Rules,
  seen: SeenPolicy,
): Report {
  const { surveyed, described, now } = seen;
  const { rule, policy, decision, oldest } = surveyed;
  const next = outlook(surveyed, rules.limits.maxRetention, now);
  const needsApproval = nextActToApprove(rules, surveyed, now);
  const facts = policy && policyFacts(policy, now);
  const { id, ...withoutId } = facts ?? { id: undefined };
  const lines: [string, string][] = [
    ...(facts ? policyLines(facts) : ([['state', 'no policy']] satisfies [string, string][])),
    ...(oldest?.kind === 'version'
      ? ([['oldest object', formatInstant(oldest.lastModified)]] satisfies [string, string][])
      : []),
    ['decision', `${decision.action}: ${decision.reason}`],
    ['next', next.says],
    ...(needsApproval === undefined
      ? []
      : ([['approval', approvalWords[needsApproval]]] satisfies [string, string][])),
  ];
  const needsPerson = decision.action === 'report';
  return {
    text: [
      color.bold(place),
      ruleTable(verdicts),
      '',
      aligned(lines.filter(([name]) => !(described && name === 'policy'))),
    ].join('\n'),
    json: {
      cloud,
      bucket,
      rule: rule.name,
      rules: verdicts,
      objectRules,
      policy: facts === undefined ? null : described ? withoutId : { id, ...withoutId },
      oldest,
      decision,
      next,
      needsApproval: needsApproval ?? null,
      errors: [],
    },
    exitCode: needsPerson ? 1 : 0,
  };
}

const howToApprove =
  'is not done before somebody else has approved it: holdfast plan --out plan.json says whether somebody has, holdfast approve plan.json does it';

const approvalWords = { lock: `the lock ${howToApprove}`, extend: `the extension ${howToApprove}` } as const;

const ruleTable = (rules: Known['rules']): string =>
  table(
    ['rule', 'matches', 'why not'],
    rules.map(({ rule, matched, says }) =>
      matched ? [color.green(rule), color.green('yes'), says] : [rule, 'no', says],
    ),
  );
