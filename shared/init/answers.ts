import { type CloudName, formatAddress } from '../platform/address.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { canBeLonger, maxPolicyDays, type Unparsed } from '../rules/duration.ts';
import { folder } from '../rules/schema/fields.ts';
import type { Duration, ObjectPrefix } from '../rules/types.ts';
import { policyDays } from './policy-days.ts';

/** This is what has to be known to set Holdfast up. */
export interface Answers {
  readonly cloud: CloudName;
  readonly region: string;
  /** Buckets with ObjectWorm: each object version is retained by itself. */
  readonly objectBuckets: readonly string[];
  /** Buckets with a WORM policy: they are retained as a whole. */
  readonly archiveBuckets: readonly string[];
  /** This is how long everything is kept. */
  readonly keep: Duration;
  /** Beyond which nothing is ever retained. */
  readonly max: Duration;
  /** Those of the object buckets that have a trigger of somebody else already; their uploads come by EventBridge. */
  readonly eventBridgeBuckets: readonly string[];
  /** Those of the object buckets on OBS whose uploads come by EventGrid also where OBS has triggers. */
  readonly eventGridBuckets: readonly string[];
  readonly deadLetters: ObjectPrefix;
  /** This is where the cloud writes the inventories from which existing objects are repaired; undefined: none are written. */
  readonly inventoryBucket: string | undefined;
  /** The folder of the evidence; undefined: none is kept. */
  readonly audit: ObjectPrefix | undefined;
  /** The default retention of the object buckets; undefined: rules leave it alone. */
  readonly defaultRetention: Duration | undefined;
}

export function parseRegion(text: string, cloud: CloudName = 'oss'): string | Unparsed {
  if (/^[a-z]{2}-[a-z]+(-\w+)*$/.test(text)) return text;
  return {
    problem: `expected a region such as ${cloudWords[cloud].region}, found ${JSON.stringify(text)}`,
  };
}

/**
 * Tells whether a cloud takes it as a bucket's name (OSS: PutBucket, bucket naming conventions; OBS: "Creating a Bucket", where
 * periods may stand between names).
 */
export const isBucketName = (name: string, cloud: CloudName): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
  (cloud === 'oss' ? !name.includes('.') : !/\.\.|\.-|-\.|^\d+(?:\.\d+){3}$/.test(name));

/** Names of buckets, separated by commas or blanks; none is fine. */
export function parseBuckets(text: string, cloud: CloudName = 'oss'): string[] | Unparsed {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.find((name) => !isBucketName(name, cloud));
  if (wrong !== undefined) {
    const signs = cloud === 'oss' ? 'digits and "-"' : 'digits, "-" and "."';
    return {
      problem: `expected bucket names of 3 to 63 small letters, ${signs}, found ${JSON.stringify(wrong)}`,
    };
  }
  return [...new Set(names)];
}

export function parseFolder(text: string, cloud: CloudName = 'oss'): ObjectPrefix | Unparsed {
  const parsed = folder.safeParse(text);
  if (parsed.data?.cloud === cloud) return parsed.data.folder;
  const example = formatAddress(cloud, { bucket: 'my-bucket', key: 'dead-letters/' });
  return { problem: `expected a folder of a bucket such as ${example}, found ${JSON.stringify(text)}` };
}

/** Why answers that are each fine cannot be together; empty when they can. */
export function conflicts({
  objectBuckets,
  archiveBuckets,
  eventBridgeBuckets,
  eventGridBuckets,
  keep,
  max,
  deadLetters,
  inventoryBucket,
  audit,
  defaultRetention,
}: Answers): string[] {
  const both = objectBuckets.filter((name) => archiveBuckets.includes(name));
  const all = [...objectBuckets, ...archiveBuckets];
  const found: string[] = [];
  if (both.length > 0) {
    const names = both.join(', ');
    found.push(
      `${names}: OSS makes ObjectWorm and a WORM policy exclusive, so a bucket can be one kind only`,
    );
  }
  for (const [flag, names] of [
    ['--event-bridge', eventBridgeBuckets],
    ['--event-grid', eventGridBuckets],
  ] as const) {
    const others = names.filter((name) => !objectBuckets.includes(name));
    if (others.length > 0) {
      found.push(`${flag} ${others.join(', ')}: is for buckets that --object-bucket names too`);
    }
  }
  if (all.includes(deadLetters.bucket)) {
    found.push(`${deadLetters.bucket}: dead letters need a bucket of their own`);
  }
  if (audit !== undefined && all.includes(audit.bucket)) {
    found.push(`${audit.bucket}: evidence needs a bucket of its own`);
  }
  if (inventoryBucket !== undefined && all.includes(inventoryBucket)) {
    found.push(`${inventoryBucket}: inventories need a bucket of their own`);
  }
  found.push(...defaultConflicts({ objectBuckets, keep, defaultRetention }));
  if (canBeLonger(keep, max)) {
    found.push(`--keep ${keep.text} can be longer than --max ${max.text}`);
  } else if (archiveBuckets.length > 0) found.push(...policyConflicts(keep, max));
  return found;
}

/** Tells why a default retention does not fit the buckets, or is longer than what the rule gives an upload. */
function defaultConflicts({
  objectBuckets,
  keep,
  defaultRetention,
}: Pick<Answers, 'objectBuckets' | 'keep' | 'defaultRetention'>): string[] {
  if (defaultRetention === undefined) return [];
  const flag = `--default-retention ${defaultRetention.text}`;
  if (objectBuckets.length === 0) return [`${flag}: is for buckets that --object-bucket names`];
  return canBeLonger(defaultRetention, keep) ? [`${flag} can be longer than --keep ${keep.text}`] : [];
}

/** Policies of buckets count days. */
function policyConflicts(keep: Duration, max: Duration): string[] {
  const { atLeast, atMost } = policyDays({ keep, max });
  if (atLeast > maxPolicyDays) {
    return [
      `--keep ${keep.text} is more than the policy of a bucket can have: ${maxPolicyDays} days (70 years)`,
    ];
  }
  if (atLeast <= atMost) return [];
  const text = `${atLeast}d`;
  return [
    `policies of buckets count days, and ${keep.text} takes ${text}: --max ${max.text} can be shorter; give at least ${text}`,
  ];
}
