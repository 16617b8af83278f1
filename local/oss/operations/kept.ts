import type { OperationName } from '../../ram/actions.ts';
import { accountRecord } from '../account-record.ts';
import { receiveDocument } from '../body.ts';
import { type OssErrorCode, refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { checkXml } from '../read-xml.ts';
import type { Reply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket } from '../state.ts';
import { findBucket } from '../versions.ts';

/** A configuration of a bucket that is kept as it was sent and given back as it was sent. */
interface Kept {
  /** The sub-resource. */
  readonly resource: string;
  /** `service`: it is of the account and not of a bucket. */
  readonly on?: 'service';
  /** PUT on a bucket that does not exist is MalformedXML (asserted by the Go SDK v2's suite for what says so). */
  readonly isMalformedWithoutBucket?: true;
  /** The root element of its document. */
  readonly root: string;
  readonly put: OperationName;
  readonly get: OperationName;
  /** Absent where the API has no such call. */
  readonly remove?: OperationName;
  /** The answer of GET when nothing was put: a document, or a refusal. */
  readonly missing: { readonly document: string } | { readonly code: OssErrorCode };
  /** Reads what of it has an effect, and what is written back in another form than it was sent. */
  readonly read?: (
    document: string,
    bucket: Bucket,
  ) => { readonly document?: string; readonly bucket?: Bucket };
  /** Undoes what `read` changed in the bucket. */
  readonly forget?: (bucket: Bucket) => Bucket;
}

/** Configurations with an effect of their own bring it along; those of this list have none. */
const withoutEffect: readonly Kept[] = [
  {
    resource: 'logging',
    root: 'BucketLoggingStatus',
    put: 'PutBucketLogging',
    get: 'GetBucketLogging',
    remove: 'DeleteBucketLogging',
    missing: { document: '<BucketLoggingStatus></BucketLoggingStatus>' },
  },
  {
    resource: 'referer',
    root: 'RefererConfiguration',
    put: 'PutBucketReferer',
    get: 'GetBucketReferer',
    missing: {
      document:
        '<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList></RefererList></RefererConfiguration>',
    },
  },
  {
    resource: 'website',
    root: 'WebsiteConfiguration',
    put: 'PutBucketWebsite',
    get: 'GetBucketWebsite',
    remove: 'DeleteBucketWebsite',
    missing: { code: 'NoSuchWebsiteConfiguration' },
  },
  {
    resource: 'requestPayment',
    root: 'RequestPaymentConfiguration',
    put: 'PutBucketRequestPayment',
    get: 'GetBucketRequestPayment',
    missing: {
      document: '<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>',
    },
  },
  {
    resource: 'transferAcceleration',
    root: 'TransferAccelerationConfiguration',
    put: 'PutBucketTransferAcceleration',
    get: 'GetBucketTransferAcceleration',
    missing: { code: 'NoSuchTransferAccelerationConfiguration' },
  },
  {
    resource: 'accessmonitor',
    root: 'AccessMonitorConfiguration',
    put: 'PutBucketAccessMonitor',
    get: 'GetBucketAccessMonitor',
    missing: {
      document: '<AccessMonitorConfiguration><Status>Disabled</Status></AccessMonitorConfiguration>',
    },
  },
  {
    resource: 'httpsConfig',
    root: 'HttpsConfiguration',
    put: 'PutBucketHttpsConfig',
    get: 'GetBucketHttpsConfig',
    missing: { document: '<HttpsConfiguration><TLS><Enable>false</Enable></TLS></HttpsConfiguration>' },
  },
  {
    resource: 'userDefinedLogFieldsConfig',
    root: 'UserDefinedLogFieldsConfiguration',
    put: 'PutUserDefinedLogFieldsConfig',
    get: 'GetUserDefinedLogFieldsConfig',
    remove: 'DeleteUserDefinedLogFieldsConfig',
    missing: { code: 'NoSuchUserDefinedLogFieldsConfig' },
  },
  {
    resource: 'qos',
    root: 'BucketUserQos',
    put: 'PutBucketStorageCapacity',
    get: 'GetBucketStorageCapacity',
    missing: { document: '<BucketUserQos><StorageCapacity>-1</StorageCapacity></BucketUserQos>' },
  },
];

/** Returns the three calls of a configuration that is kept. */
export function keptOperations(kept: Kept): readonly Operation[] {
  const { resource, put, get, remove, on = 'bucket', isMalformedWithoutBucket } = kept;
  const sub = { on, requires: [resource] } as const;
  return [
    {
      name: put,
      method: 'PUT',
      ...sub,
      ...(isMalformedWithoutBucket && { runsWithoutBucket: true }),
      run: (call, cloud) => keep(kept, call, cloud),
    },
    { name: get, method: 'GET', ...sub, run: (call, cloud) => show(kept, call, cloud) },
    ...(remove === undefined
      ? []
      : [
          {
            name: remove,
            method: 'DELETE',
            ...sub,
            run: (call: Call, cloud: Cloud) => forget(kept, call, cloud),
          } as const,
        ]),
  ];
}

export const keptWithoutEffect: readonly Operation[] = withoutEffect.flatMap(keptOperations);

async function keep(kept: Kept, call: Call, cloud: Cloud): Promise<Reply> {
  const sent = checkXml(await receiveDocument(call), kept.root);
  if (kept.isMalformedWithoutBucket && !cloud.store.bucket(call.bucket)) throw refuse('MalformedXML');
  const found = findHolder(kept, call, cloud);
  const { document = sent, bucket = found } = kept.read?.(sent, found) ?? {};
  const configurations = { ...bucket.configurations, [kept.resource]: document };
  cloud.store.saveBucket({ ...bucket, configurations });
  return { status: 200 };
}

/** Finds what the configuration is of: a bucket, or the record of the account. */
function findHolder({ on }: Kept, call: Call, { store }: Cloud): Bucket {
  return on === 'service' ? accountRecord(store) : findBucket(store, call.bucket);
}

function show(kept: Kept, call: Call, cloud: Cloud): Reply {
  const { resource, missing } = kept;
  const { name, configurations } = findHolder(kept, call, cloud);
  const document = configurations?.[resource] ?? ('document' in missing ? missing.document : undefined);
  if (document === undefined && 'code' in missing) {
    throw refuse(missing.code, { details: { BucketName: name } });
  }
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${document ?? ''}\n`,
  };
}

function forget(kept: Kept, call: Call, cloud: Cloud): Reply {
  const found = findHolder(kept, call, cloud);
  const { [kept.resource]: _gone, ...configurations } = found.configurations ?? {};
  cloud.store.saveBucket({ ...(kept.forget?.(found) ?? found), configurations });
  return { status: 204 };
}
