import { type CloudName, cloudNames } from '../../platform/address.ts';
import { narrowRules } from '../narrow.ts';
import { formatPath } from '../problem.ts';
import type { WrittenRules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { findWarnings } from './index.ts';

/**
 * Tells what is legal in a rules file and probably wrong, in each cloud that the file is for. Pure.
 * @returns the warnings by their places in the file; what is so in both clouds is said once
 */
export function findWarningsInClouds(written: WrittenRules, now: Date): Warning[] {
  const seen = new Set<string>();
  const found = cloudsOf(written).flatMap((cloud) => {
    const { rules, origin } = narrowRules(written, cloud);
    if (rules.objects.length + rules.buckets.length + rules.defaults.length === 0) return [];
    const all = findWarnings(rules, now, cloud).map((warning) => ({
      ...warning,
      path: origin(warning.path),
    }));
    const fresh = all.filter((warning) => !seen.has(idOf(warning)));
    for (const warning of fresh) seen.add(idOf(warning));
    return fresh;
  });
  return [...found, ...policiesOnObs(written)];
}

const idOf = ({ code, path }: Warning): string => `${code} ${formatPath(path)}`;

/** The clouds that a file names; one that names none is for OSS, and runs unchanged elsewhere. */
function cloudsOf({ objects, buckets, defaults, deadLetters, audit }: WrittenRules): CloudName[] {
  const named = new Set(
    [...objects, ...buckets, ...defaults].flatMap(({ match }) => [...match.bucket.named]),
  );
  for (const cloud of [...(deadLetters?.keys() ?? []), ...(audit?.keys() ?? [])]) named.add(cloud);
  return cloudNames.filter((cloud) => cloud === 'oss' || named.has(cloud));
}

/** Rules for policies of buckets that are in OBS by their own words, where buckets have no such policy. */
const policiesOnObs = ({ buckets }: WrittenRules): Warning[] =>
  buckets.flatMap(({ name, match }, index) =>
    match.bucket.named.has('obs')
      ? [
          warn(
            'no-such-policy',
            ['buckets', index, 'match', 'bucket'],
            `rule ${name}: OBS has no WORM policy of a bucket, so obs:// never matches here; protect the objects by an ` +
              'object rule, and let the bucket have a default retention',
          ),
        ]
      : [],
  );
