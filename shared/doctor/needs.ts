import { readsTags } from '../rules/match.ts';
import type { BucketRule, ObjectPrefix, ObjectRule, Rules } from '../rules/types.ts';
import type { Concerned } from './concerned.ts';

/** A permission that a role has to give. */
export interface Need {
  readonly action: string;
  /** Without the head of its ARN: a bucket, `bucket/key`, or `*` for the account. */
  readonly resource: string;
}

/** Of the roles of the functions, by the folder of their code; ram/README.md says why each is needed. */
export type Role = 'object-created' | 'policy-timer' | 'protect-existing' | 'dead-letter';

const onObject = [
  'oss:GetObject',
  'oss:GetObjectVersion',
  'oss:GetObjectRetention',
  'oss:PutObjectRetention',
];
const onTags = ['oss:GetObjectTagging', 'oss:GetObjectVersionTagging'];

/**
 * What the rules need a role to allow, for the buckets that they match now. Pure. Keys stand for all that a rule is for:
 * one under the literal beginning of its first glob.
 */
export function needsOf(role: Role, rules: Rules, buckets: readonly Concerned[]): Need[] {
  const folder = rules.deadLetters;
  const evidence = inFolder(rules.audit, '', 'oss:PutObject');
  const versions = buckets.flatMap(({ name, objectRules }) => [
    ...objectRules.flatMap((rule) => objectNeeds(name, rule)),
    ...(objectRules.length > 0 ? [{ action: 'oss:ListObjectVersions', resource: name }] : []),
  ]);
  switch (role) {
    case 'object-created':
      return distinct([...versions, ...evidence]);
    case 'protect-existing':
      return distinct([...versions, ...evidence, ...inFolder(folder, 'repairs/', 'oss:PutObject')]);
    case 'dead-letter':
      return inFolder(folder, 'letters/', 'oss:PutObject');
    case 'policy-timer': {
      const policies = buckets.flatMap(({ name, bucketRules }) =>
        bucketRules.flatMap(({ policy }) =>
          policyActions(policy).map((action) => ({ action, resource: name })),
        ),
      );
      return distinct([{ action: 'oss:ListBuckets', resource: '*' }, ...policies, ...evidence]);
    }
  }
}

function objectNeeds(bucket: string, rule: ObjectRule): Need[] {
  const resource = `${bucket}/${beginning(rule)}x`;
  return [...onObject, ...(readsTags(rule) ? onTags : [])].map((action) => ({ action, resource }));
}

/** What all keys that the first glob of a rule takes begin with. */
function beginning({ match }: ObjectRule): string {
  const glob = match.key?.globs.find((each) => !each.startsWith('!')) ?? '';
  return /^[^*?[{\\]*/.exec(glob)?.[0] ?? '';
}

function policyActions({ initiate, lockAfterMs, mismatch, extend }: BucketRule['policy']): string[] {
  return [
    'oss:GetBucketWorm',
    ...(initiate === undefined ? [] : ['oss:InitiateBucketWorm']),
    ...(initiate === undefined && mismatch !== 'abort' ? [] : ['oss:AbortBucketWorm']),
    ...(lockAfterMs === undefined ? [] : ['oss:CompleteBucketWorm']),
    ...(extend === undefined ? [] : ['oss:ExtendBucketWorm']),
    ...(extend?.kind === 'rolling' && extend.measure === 'oldest-object' ? ['oss:ListObjectVersions'] : []),
  ];
}

const inFolder = (folder: ObjectPrefix | undefined, part: string, action: string): Need[] =>
  folder === undefined ? [] : [{ action, resource: `${folder.bucket}/${folder.prefix}${part}x` }];

function distinct(needs: readonly Need[]): Need[] {
  return [...new Map(needs.map((need) => [`${need.action} ${need.resource}`, need])).values()];
}
