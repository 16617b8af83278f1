import * as z from 'zod';
import { receiveDocument } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { blocksPublicAccess } from '../public-access.ts';
import { readXml } from '../read-xml.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket } from '../state.ts';
import { findBucket } from '../versions.ts';
import { type Xml, xmlDate } from '../xml.ts';
import { readBucketAcl } from './acl.ts';
import { checkBucketName, newBucket } from './new-bucket.ts';
import { boundedText, pageSize } from './paging.ts';
import { inResourceGroup, RESOURCE_GROUP, resourceGroupOf } from './resource-group.ts';
import { writeTags } from './tag-set.ts';

const createBucketConfiguration = z.object({
  CreateBucketConfiguration: z.union([
    z.literal(''),
    z.strictObject({
      StorageClass: z.enum(['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive']).optional(),
      DataRedundancyType: z.enum(['LRS', 'ZRS']).optional(),
    }),
  ]),
});

export const bucketOperations: readonly Operation[] = [
  {
    name: 'ListBuckets',
    method: 'GET',
    on: 'service',
    allows: ['prefix', 'marker', 'max-keys', 'tagging', 'tag-key', 'tag-value'],
    headers: [RESOURCE_GROUP],
    run: listBuckets,
  },
  {
    name: 'PutBucket',
    method: 'PUT',
    on: 'bucket',
    runsWithoutBucket: true,
    headers: ['x-oss-acl', RESOURCE_GROUP],
    run: putBucket,
  },
  { name: 'DeleteBucket', method: 'DELETE', on: 'bucket', run: deleteBucket },
  { name: 'GetBucketInfo', method: 'GET', on: 'bucket', requires: ['bucketInfo'], run: getBucketInfo },
  { name: 'GetBucketLocation', method: 'GET', on: 'bucket', requires: ['location'], run: getBucketLocation },
];

/** Prefix, marker and page are said only when there is more (documented; so recorded). */
function listBuckets(call: Call, cloud: Cloud): Reply {
  const prefix = boundedText(call, 'prefix', '0017-00000290');
  const marker = boundedText(call, 'marker');
  const limit = pageSize(call, 100);
  const wanted = readWantedTags(call);
  const group = call.headers[RESOURCE_GROUP] ?? '';
  const matching = cloud.store
    .buckets()
    .filter(({ name, isOfService = false }) => !isOfService && name.startsWith(prefix) && name > marker)
    .filter((bucket) => group === '' || resourceGroupOf(bucket) === group)
    .filter((bucket) => wanted.every(([key, value]) => hasTag(bucket, key, value)));
  const page = matching.slice(0, limit);
  const isTruncated = matching.length > page.length;
  return xmlReply({
    ListAllMyBucketsResult: {
      ...(isTruncated && {
        Prefix: prefix,
        Marker: marker,
        MaxKeys: limit,
        IsTruncated: isTruncated,
        NextMarker: page.at(-1)?.name,
      }),
      Owner: { ID: cloud.accountId, DisplayName: cloud.accountId },
      Buckets: {
        Bucket: page.map((bucket) => ({
          ...listed(bucket, call, cloud),
          ...(wanted.length > 0 && writeTags(bucket.tags ?? {})),
        })),
      },
    },
  });
}

/**
 * The tags that a list of buckets asks for: `tagging="k":"v","k2":"v2"`, or `tag-key` with or without `tag-value`.
 * @throws InvalidArgument
 */
function readWantedTags(call: Call): (readonly [string, string | undefined])[] {
  const key = call.query.get('tag-key');
  const single = key === undefined ? [] : [[key, call.query.get('tag-value')] as const];
  const tagging = call.query.get('tagging') ?? '';
  if (tagging === '') return single;
  const pairs = [...tagging.matchAll(/"([^"]*)":"([^"]*)"/g)];
  if (pairs.map(([pair]) => pair).join(',') !== tagging) {
    throw refuse('InvalidArgument', { details: { ArgumentName: 'tagging', ArgumentValue: tagging } });
  }
  return [...single, ...pairs.map(([, name = '', value]) => [name, value] as const)];
}

function hasTag({ tags = {} }: Bucket, key: string, value: string | undefined): boolean {
  return key in tags && (value === undefined || tags[key] === value);
}

/** The elements in the order of a recorded reply. */
function listed(bucket: Bucket, call: Call, cloud: Cloud): Xml {
  const { StorageClass, ...rest } = place(bucket, call, cloud);
  return { Comment: '', ...rest, Region: cloud.region, StorageClass };
}

async function putBucket(call: Call, cloud: Cloud): Promise<Reply> {
  checkBucketName(call.bucket);
  const acl = readBucketAcl(call);
  const storageClass = await readStorageClass(call);
  const existing = cloud.store.bucket(call.bucket);
  if (existing && existing.storageClass !== storageClass) {
    throw refuse('BucketAlreadyExists', { details: { BucketName: call.bucket } });
  }
  const bucket = existing ?? grouped(newBucket(call.bucket, cloud.now(), storageClass), call);
  cloud.store.saveBucket({ ...bucket, ...(acl && { acl }) });
  return { status: 200, headers: { Location: `/${call.bucket}` } };
}

/** Puts a new bucket into the resource group that the request names. */
function grouped(bucket: Bucket, call: Call): Bucket {
  const group = call.headers[RESOURCE_GROUP] ?? '';
  return group === '' ? bucket : inResourceGroup(bucket, group);
}

async function readStorageClass(call: Call): Promise<string> {
  const body = await receiveDocument(call);
  if (body.length === 0) return 'Standard';
  const { CreateBucketConfiguration: configuration } = readXml(body, createBucketConfiguration);
  return configuration === '' ? 'Standard' : (configuration.StorageClass ?? 'Standard');
}

/** An empty bucket goes with everything that was set on it, a locked WORM policy too. */
function deleteBucket(call: Call, cloud: Cloud): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const isEmpty = cloud.store.nextKey(name, '', true) === undefined && cloud.store.uploads(name).length === 0;
  if (!isEmpty) throw refuse('BucketNotEmpty', { details: { BucketName: name } });
  cloud.store.removeBucket(name);
  return { status: 204 };
}

function getBucketInfo(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  return xmlReply({
    BucketInfo: {
      Bucket: {
        AccessMonitor: configured(bucket, 'accessmonitor', 'Status') ?? 'Disabled',
        BlockPublicAccess: blocksPublicAccess(bucket, cloud.store),
        Comment: '',
        ...place(bucket, call, cloud),
        CrossRegionReplication: 'Disabled',
        DataRedundancyType: 'LRS',
        ResourceGroupId: resourceGroupOf(bucket),
        TransferAcceleration:
          configured(bucket, 'transferAcceleration', 'Enabled') === 'true' ? 'Enabled' : 'Disabled',
        Versioning: bucket.versioning === 'Unversioned' ? undefined : bucket.versioning,
        Owner: { DisplayName: cloud.accountId, ID: cloud.accountId },
        AccessControlList: { Grant: bucket.acl ?? 'private' },
        ServerSideEncryptionRule: {
          SSEAlgorithm: bucket.encryption?.algorithm ?? 'None',
          KMSMasterKeyID: configured(bucket, 'encryption', 'KMSMasterKeyID') || undefined,
          KMSDataEncryption: bucket.encryption?.dataEncryption,
        },
        BucketPolicy: {
          LogBucket: configured(bucket, 'logging', 'TargetBucket') ?? '',
          LogPrefix: configured(bucket, 'logging', 'TargetPrefix') ?? '',
        },
      },
    },
  });
}

/** The text of an element in a configuration that is kept. */
function configured({ configurations }: Bucket, resource: string, element: string): string | undefined {
  return new RegExp(`<${element}>\\s*([^<]*?)\\s*</${element}>`).exec(configurations?.[resource] ?? '')?.[1];
}

/** Clean-up code of real clients dials the endpoint that is reported, so it is the one they came by. */
function place(bucket: Bucket, call: Call, cloud: Cloud): Xml {
  return {
    CreationDate: xmlDate(bucket.createdAt),
    ExtranetEndpoint: call.endpoint(),
    IntranetEndpoint: call.endpoint(),
    Location: `oss-${cloud.region}`,
    Name: bucket.name,
    StorageClass: bucket.storageClass,
  };
}

function getBucketLocation(call: Call, cloud: Cloud): Reply {
  findBucket(cloud.store, call.bucket);
  return xmlReply({ LocationConstraint: `oss-${cloud.region}` });
}
