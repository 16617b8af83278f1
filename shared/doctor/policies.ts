import { observeBucket } from '../buckets/observe.ts';
import { levelOf } from '../buckets/record.ts';
import type { BucketDecision } from '../buckets/types.ts';
import { formatAddress } from '../platform/address.ts';
import { policiesNotOffered } from '../storage/policies.ts';
import { type Check, findingsForEach, linesOf } from './finding.ts';
import { nameOfBucket, policyBuckets } from './matched-buckets.ts';

const lines = linesOf('policy');

/** The WORM policy of every bucket under a bucket rule is as the rule assumes. */
export const policiesCheck: Check = {
  name: 'policy',
  async run(world) {
    const rules = await world.rules.need();
    if (world.storage.policies === undefined) return [lines.ok('-', policiesNotOffered(rules.cloud))];
    return await findingsForEach(
      lines,
      await policyBuckets(world),
      nameOfBucket,
      async ({ name, bucketRules: [rule] }) => {
        if (rule === undefined) return [];
        const seen = await observeBucket({ ...world, rules }, { bucket: name, rule });
        const { policy, decision } = seen;
        const message = `${policy?.state ?? 'none'}: ${decision.reason}`;
        const level = levelOf(seen);
        if (level === 'info') return lines.ok(name, message);
        return lines[level === 'warn' ? 'warning' : 'failure'](
          name,
          message,
          mendOf(formatAddress(rules.cloud, { bucket: name }), decision),
        );
      },
    );
  },
};

function mendOf(place: string, decision: BucketDecision): string {
  if (decision.action !== 'report') return `holdfast explain ${place}`;
  switch (decision.problem) {
    case 'absent':
      return `holdfast policy initiate ${place} --days N, or let the rule initiate`;
    case 'mismatch':
    case 'lapsed':
      return `holdfast policy abort ${place}, then holdfast policy initiate ${place} --days N`;
    case 'too-short':
      return `holdfast policy extend ${place} --days N (irreversible), or give the rule extend`;
    case 'at-cap':
      return `raise upTo in the rule, or let it end: holdfast explain ${place}`;
    case 'oldest-unknown':
      return 'let the role list versions (oss:ListObjectVersions); of a larger bucket only an inventory tells it';
    default:
      return `holdfast explain ${place}`;
  }
}
