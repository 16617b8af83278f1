import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { ObjectVersion } from '../state.ts';
import { findBucket } from '../versions.ts';

/** Operations that tell about a bucket or the service as a whole; lists of things that do not exist here are empty. */
export const overviewOperations: readonly Operation[] = [
  { name: 'GetBucketStat', method: 'GET', on: 'bucket', requires: ['stat'], run: getBucketStat },
  {
    name: 'ListLiveChannel',
    method: 'GET',
    on: 'bucket',
    requires: ['live'],
    allows: ['prefix', 'marker', 'max-keys'],
    run: listLiveChannel,
  },
  ...(['service', 'bucket'] as const).map(
    (on): Operation => ({
      name: 'ListAccessPoints',
      method: 'GET',
      on,
      requires: ['accessPoint'],
      allows: ['max-keys', 'continuation-token'],
      run: listAccessPoints,
    }),
  ),
  { name: 'DescribeRegions', method: 'GET', on: 'service', requires: ['regions'], run: describeRegions },
  { name: 'HeadBucket', method: 'HEAD', on: 'bucket', run: headBucket },
];

/** The service charges objects of these classes for at least 64 KB each (documented). */
const SMALLEST_CHARGED = 64 * 1024;

interface Sum {
  count: number;
  real: number;
  charged: number;
}

/** Counts what is there now; the service counts once an hour. */
function getBucketStat(call: Call, cloud: Cloud): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const sums = new Map<string, Sum>();
  let markers = 0;
  let latest = 0;
  for (const version of allVersions(cloud, name)) {
    latest = Math.max(latest, version.lastModified.getTime());
    if (version.kind === 'delete marker') markers += 1;
    else addTo(sums, version);
  }
  const uploads = cloud.store.uploads(name);
  const all = [...sums.values()];
  const total = (field: keyof Sum) => all.reduce((sum, each) => sum + each[field], 0);
  const of = (storageClass: string): Sum => sums.get(storageClass) ?? { count: 0, real: 0, charged: 0 };
  const cold = (prefix: string, storageClass: string) => ({
    [`${prefix}Storage`]: of(storageClass).charged,
    [`${prefix}RealStorage`]: of(storageClass).real,
    [`${prefix}ObjectCount`]: of(storageClass).count,
  });
  return xmlReply({
    BucketStat: {
      Storage: total('real'),
      ObjectCount: total('count'),
      MultipartUploadCount: uploads.length,
      LiveChannelCount: 0,
      LastModifiedTime: Math.floor(latest / 1000),
      StandardStorage: of('Standard').real,
      StandardObjectCount: of('Standard').count,
      ...cold('InfrequentAccess', 'IA'),
      ...cold('Archive', 'Archive'),
      ...cold('ColdArchive', 'ColdArchive'),
      ...cold('DeepColdArchive', 'DeepColdArchive'),
      MultipartPartCount: uploads.reduce((sum, { parts }) => sum + parts.size, 0),
      DeleteMarkerCount: markers,
    },
  });
}

function* allVersions({ store }: Cloud, bucket: string) {
  let key = store.nextKey(bucket, '', true);
  while (key !== undefined) {
    yield* store.versions(bucket, key);
    key = store.nextKey(bucket, key, false);
  }
}

function addTo(sums: Map<string, Sum>, { storageClass, content }: ObjectVersion): void {
  const sum = sums.get(storageClass) ?? { count: 0, real: 0, charged: 0 };
  sum.count += 1;
  sum.real += content.size;
  sum.charged += Math.max(content.size, SMALLEST_CHARGED);
  sums.set(storageClass, sum);
}

function listLiveChannel(call: Call, cloud: Cloud): Reply {
  findBucket(cloud.store, call.bucket);
  return xmlReply({
    ListLiveChannelResult: {
      Prefix: call.query.get('prefix') ?? '',
      Marker: call.query.get('marker') ?? '',
      MaxKeys: call.query.get('max-keys') || 100,
      IsTruncated: false,
      NextMarker: '',
    },
  });
}

function listAccessPoints(call: Call, cloud: Cloud): Reply {
  if (call.bucket !== '') findBucket(cloud.store, call.bucket);
  return xmlReply({
    ListAccessPointsResult: {
      IsTruncated: false,
      AccountId: cloud.accountId,
      MaxKeys: call.query.get('max-keys') || 100,
      AccessPoints: '',
    },
  });
}

/** Regions of the service by name; there is only the server's own behind them. */
const regions = ['cn-beijing', 'cn-hangzhou', 'cn-hongkong', 'cn-shanghai', 'cn-shenzhen', 'eu-central-1'];

function describeRegions(call: Call, cloud: Cloud): Reply {
  const wanted = call.query.get('regions') ?? '';
  const known = [...new Set([...regions, cloud.region])].sort().map((region) => `oss-${region}`);
  return xmlReply({
    RegionInfoList: {
      RegionInfo: known
        .filter((region) => wanted === '' || region === wanted)
        .map((region) => ({
          AccelerateEndpoint: 'oss-accelerate.aliyuncs.com',
          InternalEndpoint: `${region}-internal.aliyuncs.com`,
          InternetEndpoint: `${region}.aliyuncs.com`,
          Region: region,
        })),
    },
  });
}

function headBucket(call: Call, cloud: Cloud): Reply {
  findBucket(cloud.store, call.bucket);
  return { status: 200, headers: { 'x-oss-bucket-region': cloud.region } };
}
