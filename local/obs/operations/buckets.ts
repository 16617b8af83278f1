import * as z from 'zod';
import { receiveDocument } from '../../oss/body.ts';
import { readBucketAcl } from '../../oss/operations/acl.ts';
import { readXml } from '../../oss/read-xml.ts';
import type { Reply } from '../../oss/reply.ts';
import type { Bucket } from '../../oss/state.ts';
import { findBucket, wholeSeconds } from '../../oss/versions.ts';
import { refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { element, elements } from '../xml.ts';
import { documentReply } from './reply.ts';

const createDocument = z.strictObject({
  CreateBucketConfiguration: z.union([
    z.literal(''),
    z.strictObject({ Location: z.string().optional(), LocationConstraint: z.string().optional() }),
  ]),
});

/** Buckets. A bucket that is made with WORM has versioning from the start. */
export const bucketOperations: readonly ObsOperation[] = [
  {
    name: 'ListAllMyBuckets',
    method: 'GET',
    on: 'service',
    headers: ['x-oss-location', 'x-oss-bucket-type'],
    run: listBuckets,
  },
  { name: 'GetApiVersion', method: 'HEAD', on: 'service', requires: ['apiversion'], run: () => apiVersion },
  { name: 'GetApiVersion', method: 'HEAD', on: 'bucket', requires: ['apiversion'], run: () => apiVersion },
  {
    name: 'CreateBucket',
    method: 'PUT',
    on: 'bucket',
    headers: ['x-oss-acl', 'x-oss-bucket-object-lock-enabled', 'x-oss-storage-class'],
    run: createBucket,
  },
  { name: 'HeadBucket', method: 'HEAD', on: 'bucket', run: headBucket },
  { name: 'DeleteBucket', method: 'DELETE', on: 'bucket', run: deleteBucket },
  { name: 'GetBucketLocation', method: 'GET', on: 'bucket', requires: ['location'], run: getLocation },
];

/** By this header clients learn that the server speaks OBS (recorded reply); without it they turn to S3's dialect. */
const apiVersion: Reply = { status: 200, headers: { 'x-obs-api': '3.0' } };

function listBuckets(call: ObsCall, cloud: ObsCloud): Reply {
  const isLocated = call.headers['x-oss-location'] === 'true';
  const buckets = cloud.store.buckets().map(({ name, createdAt }) =>
    element(
      'Bucket',
      elements({
        Name: name,
        CreationDate: createdAt.toISOString(),
        Location: isLocated ? cloud.region : undefined,
        BucketType: 'OBJECT',
      }),
    ),
  );
  const owner = element('Owner', elements({ ID: cloud.accountId }));
  return documentReply(call, 'ListAllMyBucketsResult', [owner, element('Buckets', buckets)]);
}

async function createBucket(call: ObsCall, cloud: ObsCloud): Promise<Reply> {
  const { bucket: name, headers } = call;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw refuseObs('InvalidBucketName', { details: { BucketName: name } });
  }
  const body = await receiveDocument(call);
  if (body.length > 0) checkLocation(readXml(body, createDocument).CreateBucketConfiguration, cloud.region);
  const acl = readBucketAcl(call);
  const withWorm = headers['x-oss-bucket-object-lock-enabled'] === 'true';
  if (withWorm && cloud.quirks().noWorm) throw refuseObs('MethodNotAllowed');
  const existing = cloud.store.bucket(name);
  // Making a bucket again is answered 200 and changes nothing, unless it asks for what the bucket is not.
  if (existing !== undefined && withWorm !== (existing.objectWorm !== undefined)) {
    throw refuseObs('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  }
  const fresh: Bucket = {
    name,
    cloud: 'obs',
    createdAt: wholeSeconds(cloud.now()),
    storageClass: headers['x-oss-storage-class'] ?? 'Standard',
    versioning: withWorm ? 'Enabled' : 'Unversioned',
    ...(withWorm && { objectWorm: {} }),
    ...(acl && { acl }),
  };
  cloud.store.saveBucket(existing ?? fresh);
  return { status: 200, headers: { Location: `/${name}` } };
}

function checkLocation(
  configuration: z.infer<typeof createDocument>['CreateBucketConfiguration'],
  region: string,
): void {
  if (configuration === '') return;
  const wanted = configuration.Location ?? configuration.LocationConstraint;
  if (wanted !== undefined && wanted !== '' && wanted !== region) {
    throw refuseObs('InvalidArgument', {
      message: `The bucket cannot be made in ${wanted}: this is ${region}.`,
    });
  }
}

function headBucket(call: ObsCall, cloud: ObsCloud): Reply {
  findBucket(cloud.store, call.bucket);
  const { prefix } = call.dialect;
  const region = call.dialect.name === 'aws' ? `${prefix}bucket-region` : `${prefix}bucket-location`;
  return { status: 200, headers: { 'x-obs-api': '3.0', [region]: cloud.region } };
}

function deleteBucket(call: ObsCall, cloud: ObsCloud): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const isEmpty = cloud.store.nextKey(name, '', true) === undefined && cloud.store.uploads(name).length === 0;
  if (!isEmpty) throw refuseObs('BucketNotEmpty', { details: { BucketName: name } });
  cloud.store.removeBucket(name);
  return { status: 204 };
}

function getLocation(call: ObsCall, cloud: ObsCloud): Reply {
  findBucket(cloud.store, call.bucket);
  const root = call.dialect.name === 'aws' ? 'LocationConstraint' : 'Location';
  return documentReply(call, root, cloud.region);
}
