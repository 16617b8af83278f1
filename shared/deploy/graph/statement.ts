import type { ObjectPrefix } from '../../rules/types.ts';

/** One statement of a custom policy of Huawei IAM, version 1.1. */
export interface IamStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** The buckets that the functions work on. */
export interface PolicyBuckets {
  readonly objectBuckets: readonly string[];
  /** Those whose default retention the timer keeps in place. */
  readonly defaultBuckets?: readonly string[] | undefined;
  readonly deadLetters: ObjectPrefix;
  /** This is where OBS writes inventories of the object buckets; undefined: nowhere. */
  readonly inventoryBucket: string | undefined;
  /** The folder of the evidence, which the rules name as `audit`. */
  readonly audit: ObjectPrefix | undefined;
  /** The access key of whoever approves; a placeholder unless given. */
  readonly approver?: string;
}

/** Makes a statement that allows actions. */
export const allow = (Action: readonly string[], Resource: readonly string[]): IamStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

/** Returns the resource of the objects of a bucket, or of those below a prefix. */
export const onObjects = (bucket: string, prefix = '') => `obs:*:*:object:${bucket}/${prefix}*`;
export const onFolder = ({ bucket, prefix }: ObjectPrefix) => onObjects(bucket, prefix);
export const onBucket = (bucket: string) => `obs:*:*:bucket:${bucket}`;
