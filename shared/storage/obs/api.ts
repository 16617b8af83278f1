import { withoutSecrets } from '../../platform/secrets.ts';
import type { ServiceApi } from '../oss/call.ts';
import type { Operation, RefusalCode } from '../oss/operations.ts';
import { readRefusal as readXmlRefusal } from '../oss/refusal.ts';
import type { Reply, Request } from '../oss/transport.ts';

/** This is what the codes of OBS mean where OSS has them not, or otherwise ("Error Codes"). */
const obsCodes: Readonly<Record<string, RefusalCode>> = {
  InArrearOrInsufficientBalance: 'ACCOUNT_BLOCKED',
  InsufficientStorageSpace: 'REQUEST_REFUSED',
  NoSuchUpload: 'NO_SUCH_OBJECT',
  OperationAborted: 'SERVICE_FAILED',
  ServiceUnavailable: 'THROTTLED',
  SlowDown: 'THROTTLED',
  TooManyRequests: 'THROTTLED',
  VirtualHostDomainRequired: 'REQUEST_REFUSED',
};

const operation = (
  name: string,
  action: string,
  codes: Readonly<Record<string, RefusalCode>> = {},
): Operation => ({
  name,
  action,
  cloud: 'obs',
  codes: { ...obsCodes, ...codes },
});

const onObject = { MethodNotAllowed: 'IS_DELETE_MARKER' } as const;
/** A region without WORM, and a parallel file system, refuse what is about it (405, "Error Codes"). */
const onWorm = { MethodNotAllowed: 'WORM_NOT_OFFERED', FsNotSupport: 'WORM_NOT_OFFERED' } as const;

/** The calls of the port as OBS knows them, with the permissions that they need. */
const obsOperations = {
  headObject: operation('HeadObject', 'obs:object:GetObject and obs:object:GetObjectVersion', onObject),
  getTags: operation(
    'GetObjectTagging',
    'obs:object:GetObjectTagging and obs:object:GetObjectVersionTagging',
    {
      MethodNotAllowed: 'TAGS_NOT_OFFERED',
    },
  ),
  getRetention: operation('HeadObject', 'obs:object:GetObjectRetention', onObject),
  putRetention: operation('PutObjectRetention', 'obs:object:PutObjectRetention', {
    ...onObject,
    FsNotSupport: 'WORM_NOT_OFFERED',
  }),
  readText: operation('GetObject', 'obs:object:GetObject', onObject),
  writeText: operation('PutObject', 'obs:object:PutObject'),
  readObject: operation('GetObject', 'obs:object:GetObject', onObject),
  listVersions: operation('ListBucketVersions', 'obs:bucket:ListBucketVersions'),
  listBuckets: operation('ListAllMyBuckets', 'obs:bucket:ListAllMyBuckets'),
  getVersioning: operation('GetBucketVersioning', 'obs:bucket:GetBucketVersioning'),
  enableVersioning: operation('PutBucketVersioning', 'obs:bucket:PutBucketVersioning'),
  getObjectWorm: operation(
    'GetBucketObjectLockConfiguration',
    'obs:bucket:GetBucketObjectLockConfiguration',
    onWorm,
  ),
  putObjectWorm: operation(
    'PutBucketObjectLockConfiguration',
    'obs:bucket:PutBucketObjectLockConfiguration',
    onWorm,
  ),
} as const;

/** Names of buckets may have periods. */
export const obsApi: ServiceApi = {
  operations: obsOperations,
  readRefusal: readObsRefusal,
  bucketName: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
};

/** HEAD has no body: its code and text are in headers ("x-obs-error-code"). */
function readObsRefusal(reply: Reply, method: Request['method']) {
  const refusal = readXmlRefusal(reply, method);
  const code = reply.header('x-obs-error-code');
  const message = reply.header('x-obs-error-message');
  return {
    ...refusal,
    ...(code !== undefined && { code: withoutSecrets(code), fromService: true }),
    ...(message !== undefined && { message: withoutSecrets(message) }),
    isDeleteMarker: reply.header('x-obs-delete-marker') === 'true',
  };
}
