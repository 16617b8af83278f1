import type { CloudName } from '../../platform/address.ts';
import type { ErrorParams, failure } from '../../platform/errors.ts';
import type { BucketPolicies, InCloud, LegalHolds, ObjectStoreCalls, VersionId } from '../port.ts';

/** The codes that a reply of OSS can lead to. All of them are filled in from one set of parameters. */
export type RefusalCode = {
  [Code in Parameters<typeof failure>[0]]: keyof ErrorParams<Code> extends RefusalParam ? Code : never;
}[Parameters<typeof failure>[0]];
export type RefusalParam =
  | 'operation'
  | 'target'
  | 'bucket'
  /** The address of the bucket. */
  | 'address'
  | 'action'
  | 'code'
  | 'status'
  | 'detail';

export interface Operation {
  /** It is the service that has it; OSS unless told. */
  readonly cloud?: CloudName;
  /** It is the name that the API has for it. */
  readonly name: string;
  /** The RAM action or actions that it needs (RAM action list of OSS, 2026). */
  readonly action: string;
  /** This is what a code means in this operation, where that differs from the common meaning. */
  readonly codes?: Readonly<Record<string, RefusalCode>>;
}

const onObject = { MethodNotAllowed: 'IS_DELETE_MARKER' } as const;
/** PutObjectRetention, "Error codes": InvalidRequest says that the bucket has no ObjectWorm. */
const onRetention = { ...onObject, InvalidRequest: 'OBJECT_WORM_OFF' } as const;

/**
 * A legal hold needs ObjectWorm as retention does, so InvalidRequest is read as there. A region or an endpoint that does
 * not know the call refuses it as NotImplemented. OperationNotSupported is about one object and says nothing of its bucket.
 */
const onHold = {
  ...onObject,
  InvalidRequest: 'HOLD_NOT_OFFERED',
  NotImplemented: 'HOLD_NOT_OFFERED',
} as const;

/** Names a call that only some object stores have. */
export type OptionalCallName = keyof BucketPolicies | keyof LegalHolds | SetupCallName;
/** Names a call that sets a bucket up. Only the adapter of OBS has it, beside the port. */
type SetupCallName = 'enableVersioning';
/** Names a call of the port. */
export type CallName = Exclude<keyof ObjectStoreCalls, keyof InCloud> | OptionalCallName;

/** Every call of the port as OSS knows it. */
export const operations = {
  headObject: { name: 'HeadObject', action: 'oss:GetObject and oss:GetObjectVersion', codes: onObject },
  getTags: {
    name: 'GetObjectTagging',
    action: 'oss:GetObjectTagging and oss:GetObjectVersionTagging',
    codes: onObject,
  },
  getRetention: { name: 'GetObjectRetention', action: 'oss:GetObjectRetention', codes: onRetention },
  putRetention: { name: 'PutObjectRetention', action: 'oss:PutObjectRetention', codes: onRetention },
  readText: { name: 'GetObject', action: 'oss:GetObject', codes: onObject },
  writeText: { name: 'PutObject', action: 'oss:PutObject' },
  readObject: { name: 'GetObject', action: 'oss:GetObject', codes: onObject },
  listVersions: { name: 'ListObjectVersions', action: 'oss:ListObjectVersions' },
  listBuckets: { name: 'ListBuckets', action: 'oss:ListBuckets' },
  getVersioning: { name: 'GetBucketVersioning', action: 'oss:GetBucketVersioning' },
  getObjectWorm: {
    name: 'GetBucketObjectWormConfiguration',
    action: 'oss:GetBucketObjectWormConfiguration',
  },
  putObjectWorm: {
    name: 'PutBucketObjectWormConfiguration',
    action: 'oss:PutBucketObjectWormConfiguration',
  },
  getPolicy: { name: 'GetBucketWorm', action: 'oss:GetBucketWorm' },
  initiatePolicy: { name: 'InitiateBucketWorm', action: 'oss:InitiateBucketWorm' },
  lockPolicy: { name: 'CompleteBucketWorm', action: 'oss:CompleteBucketWorm' },
  extendPolicy: { name: 'ExtendBucketWorm', action: 'oss:ExtendBucketWorm' },
  abortPolicy: { name: 'AbortBucketWorm', action: 'oss:AbortBucketWorm' },
  getHold: { name: 'GetObjectLegalHold', action: 'oss:GetObjectLegalHold', codes: onHold },
  putHold: { name: 'PutObjectLegalHold', action: 'oss:PutObjectLegalHold', codes: onHold },
} as const satisfies Record<Exclude<CallName, SetupCallName>, Operation>;

/** This is what an operation is about: the service, a bucket, an object, or one of its versions. */
export interface OperationSubject {
  readonly bucket?: string;
  readonly key?: string;
  readonly versionId?: VersionId | undefined;
}

/** `oss://bucket/key?versionId=V`, as errors and people name it. */
export function formatTarget({ bucket, key, versionId }: OperationSubject, cloud: CloudName = 'oss'): string {
  const path = key === undefined ? '' : `/${key}`;
  const version = versionId === undefined ? '' : `?versionId=${versionId}`;
  return `${cloud}://${bucket ?? ''}${path}${version}`;
}
