import type { ObjectPrefix } from '../../rules/types.ts';

/** One statement of a custom policy of Huawei IAM, version 1.1. */
export interface IamStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** The buckets that the functions work on. */
export interface PolicyBuckets {
  readonly objectBuckets: readonly string[];
  readonly deadLetters: ObjectPrefix;
  /** This is where OBS writes inventories of the object buckets; undefined: nowhere. */
  readonly inventoryBucket: string | undefined;
}

/** The functions that `holdfast init --cloud obs` deploys, by the names of their resources in s.yaml. */
export const graphFunctionNames = [
  'dead-letter',
  'protect-existing',
  'policy-timer',
  'object-created',
] as const;
export type GraphFunctionName = (typeof graphFunctionNames)[number];

const allow = (Action: readonly string[], Resource: readonly string[]): IamStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

const onObjects = (bucket: string, prefix = '') => `obs:*:*:object:${bucket}/${prefix}*`;
const onBucket = (bucket: string) => `obs:*:*:bucket:${bucket}`;

/** This is what protecting a version takes: to read it, its tags and its retention, and to set its retention. */
const protecting = ({ objectBuckets }: PolicyBuckets): IamStatement[] => [
  allow(
    [
      'obs:object:GetObject',
      'obs:object:GetObjectVersion',
      'obs:object:GetObjectTagging',
      'obs:object:GetObjectVersionTagging',
      'obs:object:GetObjectRetention',
      'obs:object:PutObjectRetention',
    ],
    objectBuckets.map((bucket) => onObjects(bucket)),
  ),
  allow(
    ['obs:bucket:ListBucketVersions', 'obs:bucket:GetBucketObjectLockConfiguration'],
    objectBuckets.map(onBucket),
  ),
];

const inFolder = ({ deadLetters }: PolicyBuckets, part: string, ...verbs: string[]): IamStatement =>
  allow(
    verbs.map((verb) => `obs:object:${verb}`),
    [onObjects(deadLetters.bucket, `${deadLetters.prefix}${part}/`)],
  );

/**
 * Returns what the agency of a function may do in OBS. None may delete anything, and none may change a bucket.
 * @param name the resource in s.yaml
 */
export function iamStatements(name: GraphFunctionName, buckets: PolicyBuckets): readonly IamStatement[] {
  const letters = inFolder(buckets, 'letters', 'PutObject', 'GetObject');
  // Without it the service may answer 403 instead of 404 for a letter that is not there yet.
  const looking = allow(['obs:bucket:ListBucket'], [onBucket(buckets.deadLetters.bucket)]);
  switch (name) {
    case 'dead-letter':
      return [letters, looking];
    case 'object-created':
      return [...protecting(buckets), letters, looking];
    case 'protect-existing':
      return [
        ...readingInventories(buckets),
        ...protecting(buckets),
        ...repairing(buckets),
        letters,
        looking,
      ];
    case 'policy-timer':
      return [
        allow(['obs:bucket:ListAllMyBuckets'], ['obs:*:*:bucket:*']),
        ...protecting(buckets),
        ...repairing(buckets),
        looking,
      ];
  }
}

/** This is what a repair keeps: how far it has come, and its record when it is done. */
const repairing = (buckets: PolicyBuckets): IamStatement[] => [
  allow(['obs:bucket:ListBucketVersions'], [onBucket(buckets.deadLetters.bucket)]),
  inFolder(buckets, 'fan-out', 'PutObject', 'GetObject'),
  inFolder(buckets, 'repairs', 'PutObject', 'GetObject'),
];

const readingInventories = ({ inventoryBucket }: PolicyBuckets): IamStatement[] =>
  inventoryBucket === undefined ? [] : [allow(['obs:object:GetObject'], [onObjects(inventoryBucket)])];
