import { randomUUID } from 'node:crypto';
import { hour } from '../../../shared/platform/instant.ts';
import { type Policy, parsePolicy } from '../../../shared/ram/policy.ts';
import type { TemporaryKey } from '../../keyring.ts';
import type { Store } from '../../oss/store/store.ts';
import type { Place } from '../environment.ts';

/** The bucket that packages of code are uploaded into. On the service it belongs to Function Compute. */
export const codeBucket = 'fc-temp-code';

/** The answer of tempBucketToken (fc2 2.6.6, getTempBucketToken). */
export interface UploadToken {
  readonly credentials: {
    readonly AccessKeyId: string;
    readonly AccessKeySecret: string;
    readonly SecurityToken: string;
    readonly Expiration: string;
  };
  readonly ossRegion: string;
  readonly ossBucket: string;
  /** The key is ACCOUNT/objectName. */
  readonly objectName: string;
}

interface CodeUploadOptions {
  readonly place: Place;
  readonly store: Store;
  now(): Date;
  issue(principal: string): TemporaryKey;
}

const principalStart = 'code upload ';
const lifeMs = hour;

/** Hands out what uploading one package of code takes: a key in the bucket of packages, and credentials for it alone. */
export function createCodeUpload({ place, store, now, issue }: CodeUploadOptions): () => UploadToken {
  return () => {
    if (!store.bucket(codeBucket)) {
      store.saveBucket({
        name: codeBucket,
        createdAt: now(),
        storageClass: 'Standard',
        versioning: 'Unversioned',
        isOfService: true,
        lifecycle: [
          {
            id: 'packages',
            prefix: '',
            isEnabled: true,
            tags: {},
            expiration: { days: 1 },
            expiresMarkers: false,
          },
        ],
      });
    }
    const objectName = randomUUID();
    const key = issue(`${principalStart}${place.accountId}/${objectName}`);
    return {
      credentials: {
        AccessKeyId: key.accessKeyId,
        AccessKeySecret: key.accessKeySecret,
        SecurityToken: key.securityToken,
        Expiration: new Date(now().getTime() + lifeMs).toISOString(),
      },
      ossRegion: `oss-${place.region}`,
      ossBucket: codeBucket,
      objectName,
    };
  };
}

/** Returns the permissions of a principal that {@link createCodeUpload} has made; undefined for any other. */
export function uploadPolicyOf(principal: string, { accountId }: Place): Policy | undefined {
  if (!principal.startsWith(principalStart)) return undefined;
  const resource = `acs:oss:*:${accountId}:${codeBucket}/${principal.slice(principalStart.length)}`;
  const multipart = ['oss:PutObject', 'oss:AbortMultipartUpload', 'oss:ListParts'];
  const statement = { Effect: 'Allow', Action: multipart, Resource: resource };
  return parsePolicy(JSON.stringify({ Version: '1', Statement: [statement] }), principal);
}
