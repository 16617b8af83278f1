import { type CloudName, formatAddress } from '../../platform/address.ts';
import { bucketRules, candidates } from '../match.ts';
import type { Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';

/** A file of evidence by the form of its key (shared/audit/name.ts); files have no tags. */
const example = `2026/11/21/10/object-created-0123456789abcdef/00000001-${'0'.repeat(64)}.jsonl`;

/** Evidence that nothing in the rules keeps from being deleted. */
export function unretainedEvidence(rules: Rules, cloud: CloudName): Warning[] {
  const { audit } = rules;
  if (audit === undefined || bucketRules(rules, audit.bucket).length > 0) return [];
  const covering = candidates(rules, audit.bucket, `${audit.prefix}${example}`).filter(
    ({ match, retain }) => match.tags.size === 0 && (!('tag' in retain) || retain.otherwise !== undefined),
  );
  if (covering.length > 0) return [];
  const place = formatAddress(cloud, { bucket: audit.bucket, key: audit.prefix });
  return [
    warn(
      'unretained-evidence',
      ['audit'],
      `no rule retains ${place}: add an object rule for bucket ${audit.bucket} and key "${audit.prefix}**", ` +
        'unless the bucket has a default retention of its own',
    ),
  ];
}
