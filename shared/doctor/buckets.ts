import { cloudWords } from '../platform/cloud-words.ts';
import { failure } from '../platform/errors.ts';
import { findCollision, ruleNames } from '../rules/collision.ts';
import type { Pattern, Rules } from '../rules/types.ts';
import type { BucketSummary } from '../storage/port.ts';
import { type Check, type DoctorFinding, fromError, linesOf } from './finding.ts';
import { type MatchedBucket, matchedBuckets } from './matched-buckets.ts';
import type { World } from './world.ts';

const lines = linesOf('bucket');

/** Every bucket that the rules name is there, in the region that is served, and under one kind of rule only. */
export const bucketsCheck: Check = {
  name: 'bucket',
  async run(world) {
    const all = await world.buckets.load();
    const rules = await world.rules.need();
    const concerned = await matchedBuckets(world);
    return [
      ...concerned.flatMap((bucket) => judge(rules, bucket, world) ?? []),
      ...unmatched(rules, concerned, world),
      ...auditPlace(rules, all, world),
    ];
  },
};

/** @returns nothing where another part of the run looks at the region of the bucket */
function judge(
  rules: Rules,
  bucket: MatchedBucket,
  { region: here, servedElsewhere }: World,
): DoctorFinding | undefined {
  const { name, region } = bucket;
  const matching = [...bucket.objectRules, ...bucket.bucketRules, ...bucket.defaultRules];
  const clash = findCollision(rules, name) ?? overlap(bucket);
  if (clash !== undefined) return fromError(lines, name, clash);
  if (servedElsewhere.has(region)) return undefined;
  if (region !== here) {
    const mend = `deploy Holdfast in ${region} too, and run the doctor there: holdfast doctor${cloudWords[rules.cloud].option} --region ${region}`;
    return lines.warning(name, `is in ${region}; ${here} is served here`, mend);
  }
  return lines.ok(name, `is there, under ${ruleNames(matching)}`);
}

function overlap({ name: bucket, bucketRules: matching, defaultRules }: MatchedBucket) {
  if (defaultRules.length > 1)
    return failure('DEFAULT_RULES_OVERLAP', { bucket, rules: ruleNames(defaultRules) });
  if (matching.length < 2) return undefined;
  return failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: ruleNames(matching) });
}

/** Globs that match nothing; a name that is spelt out expects its bucket to exist. */
function unmatched(rules: Rules, concerned: readonly MatchedBucket[], { region }: World): DoctorFinding[] {
  const names = concerned.map(({ name }) => name);
  return [...rules.objects, ...rules.buckets, ...rules.defaults].flatMap(({ name: rule, match }) => {
    const missing = spelt(match.bucket).filter((name) => !names.includes(name));
    const found = missing.map((name) =>
      lines.failure(
        name,
        `does not exist, and rule ${rule} names it`,
        `${cloudWords[rules.cloud].makeBucket(name, region)}, or correct the rule`,
      ),
    );
    if (found.length > 0 || names.some((name) => match.bucket.matches(name))) return found;
    const globs = match.bucket.globs.join(', ');
    return [
      lines.warning(
        globs,
        `no bucket matches it, so rule ${rule} has none`,
        'make a bucket, or drop the rule',
      ),
    ];
  });
}

/** Tells where evidence is kept; that of the dead letters has a check of its own. */
function auditPlace(
  { cloud, audit }: Rules,
  all: readonly BucketSummary[],
  { region }: World,
): DoctorFinding[] {
  if (audit === undefined) return [];
  const { bucket } = audit;
  if (all.some(({ name }) => name === bucket)) return [lines.ok(bucket, 'is there, for the audit')];
  const command = cloudWords[cloud].makeBucket(bucket, region);
  return [lines.failure(bucket, 'does not exist, and the rules keep the audit there', command)];
}

const spelt = ({ globs }: Pattern): string[] => globs.filter((glob) => /^[a-z0-9-]+$/.test(glob));
