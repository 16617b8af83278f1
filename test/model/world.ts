import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { FunctionRuntime } from '../../local/fc/runtime.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import type { RequestLog } from '../../local/oss/request-log.ts';
import { createRetentionBucket, type PlainClient, plainClient } from '../../local/plain-client.ts';
import { createObsBucket, createObsRetentionBucket } from '../../local/plain-obs.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { createObsStorage } from '../../shared/storage/obs/index.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import { objectCreated } from '../support/holdfast-cloud.ts';
import { writeRules } from '../support/rules-file.ts';
import { rulesText } from './rules.ts';

/** The access key of the repair, so that faults and counts can tell it from the tests' own client. */
export const repairKey = { accessKeyId: 'repair', accessKeySecret: 'repair-secret' };

export const policyBuckets = ['accepted', 'strict', 'watched', 'own'] as const;
export type PolicyBucket = (typeof policyBuckets)[number];

/** The real thing: the built functions on the embedded cloud, whose events wait until a command lets them through. */
export interface World {
  readonly cloud: Cloud;
  /** The cloud whose objects are the model's. */
  readonly name: CloudName;
  /** What runs the functions of this cloud. */
  readonly runtime: FunctionRuntime;
  /** What the object store of this cloud was asked. */
  readonly requests: RequestLog;
  /** The name of object-created in the log of requests. */
  readonly functionPrincipal: string;
  /** What deleting a protected version is answered. */
  readonly refusal: string;
  /** The storage of the product, with the key of the repair. */
  connect(): ObjectStore & { close(): void };
  /** Of the bucket `docs`. */
  readonly docs: PlainClient;
  readonly folder: string;
  readonly rules: string;
  /** The events of uploads that have arrived since the last call. */
  takeEvents(): Buffer[];
  close(): Promise<void>;
}

export async function openWorld(name: CloudName = 'oss'): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-model-'));
  const rules = writeRules(folder, rulesText);
  let events: Buffer[] = [];
  const cloud = await startCloud({
    instances: 'threads',
    template: 's.yaml',
    everyBucket: true,
    rules,
    clouds: [name],
    clock: new Date('2027-03-01T10:05:00.300Z'),
    accessKeys: [defaultAccessKey, repairKey],
    deliver(message) {
      if (message.function !== objectCreated || message.trigger === 'api') return [0];
      // The upload of a dead letter has an event too, which belongs to no version of the model.
      const isOfDocs = [
        '"bucket":{"arn":"acs:oss:cn-hangzhou:1000000000000001:docs"',
        '"arn":"arn:aws:s3:::docs"',
      ];
      if (!isOfDocs.some((text) => message.event.includes(text))) return [0];
      events.push(message.event);
      return [];
    },
  });
  const own = name === 'obs' ? await openObs(cloud) : await openOss(cloud);
  return {
    cloud,
    name,
    ...own,
    folder,
    rules,
    takeEvents() {
      const taken = events;
      events = [];
      return taken;
    },
    async close() {
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type OwnParts = Pick<World, 'runtime' | 'requests' | 'functionPrincipal' | 'refusal' | 'connect' | 'docs'>;

async function openOss(cloud: Cloud): Promise<OwnParts> {
  const docs = await createRetentionBucket(cloud.url, 'docs');
  for (const bucket of ['letters', ...policyBuckets]) await plainClient(cloud.url, bucket).putBucket(bucket);
  return {
    runtime: cloud.fc,
    requests: cloud.oss.requests,
    functionPrincipal: `function ${objectCreated}`,
    refusal: '409 FileImmutable',
    connect: () => createOssStorage({ region: 'cn-hangzhou', endpoint: cloud.url, credentials: repairKey }),
    docs,
  };
}

/** OBS has no bucket policies. */
async function openObs(cloud: Cloud): Promise<OwnParts> {
  const { obs } = cloud;
  if (obs === undefined) throw new Error('OBS is not served');
  await createObsBucket(obs.url, 'letters');
  return {
    runtime: cloud.graph,
    requests: obs.server.requests,
    functionPrincipal: `function huawei/${objectCreated}`,
    refusal: '403 AccessDenied',
    connect: () => createObsStorage({ region: obs.region, endpoint: obs.url, credentials: repairKey }),
    docs: await createObsRetentionBucket(obs.url, 'docs'),
  };
}
