import type { CloudName } from '../../shared/platform/address.ts';
import type { Cloud } from '../cloud.ts';
import type { FunctionRuntime } from '../fc/runtime.ts';
import type { RequestLog } from '../oss/request-log.ts';
import { createRetentionBucket, type PlainClient, plainClient } from '../plain-client.ts';
import { createObsBucket, createObsRetentionBucket, plainObsClient } from '../plain-obs.ts';
import type { ChaosOptions } from './options.ts';

/** The cloud that a run is about: its object store and what runs its functions. */
export interface ChaosStore {
  readonly cloud: CloudName;
  readonly url: string;
  readonly requests: RequestLog;
  readonly runtime: FunctionRuntime;
  /** Begins the names of the functions in the log of requests. */
  readonly functionPrefix: string;
  /** True where buckets have WORM policies. */
  readonly hasPolicies: boolean;
  client(bucket: string): PlainClient;
  createBucket(bucket: string): Promise<void>;
  createRetentionBucket(bucket: string): Promise<PlainClient>;
}

/** Finds the parts of an embedded cloud that a run is about. */
export function chaosStore(cloud: Cloud, { cloud: name }: Pick<ChaosOptions, 'cloud'>): ChaosStore {
  const { obs } = cloud;
  if (name === 'obs' && obs !== undefined) {
    const { url } = obs;
    return {
      cloud: name,
      url,
      requests: obs.server.requests,
      runtime: cloud.graph,
      functionPrefix: 'function huawei/holdfast-',
      hasPolicies: false,
      client: (bucket) => plainObsClient(url, bucket),
      createBucket: (bucket) => createObsBucket(url, bucket),
      createRetentionBucket: (bucket) => createObsRetentionBucket(url, bucket),
    };
  }
  const { url } = cloud;
  return {
    cloud: 'oss',
    url,
    requests: cloud.oss.requests,
    runtime: cloud.fc,
    functionPrefix: 'function holdfast-',
    hasPolicies: true,
    client: (bucket) => plainClient(url, bucket),
    async createBucket(bucket) {
      await plainClient(url, bucket).putBucket(bucket);
    },
    createRetentionBucket: (bucket) => createRetentionBucket(url, bucket),
  };
}
