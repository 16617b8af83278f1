import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OssClient } from 'ali-oss';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
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
  /** Of the bucket `docs`. */
  readonly docs: OssClient;
  readonly folder: string;
  readonly rules: string;
  /** The events of uploads that have arrived since the last call. */
  takeEvents(): Buffer[];
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-model-'));
  const rules = writeRules(folder, rulesText);
  let events: Buffer[] = [];
  const cloud = await startCloud({
    template: 's.yaml',
    everyBucket: true,
    rules,
    clock: new Date('2027-03-01T10:05:00.300Z'),
    accessKeys: [defaultAccessKey, repairKey],
    deliver(message) {
      if (message.function !== objectCreated || message.trigger === 'api') return [0];
      // The upload of a dead letter has an event too, which belongs to no version of the model.
      if (!message.event.includes('"bucket":{"arn":"acs:oss:cn-hangzhou:1000000000000001:docs"')) return [0];
      events.push(message.event);
      return [];
    },
  });
  const docs = await createRetentionBucket(cloud.url, 'docs');
  for (const bucket of ['letters', ...policyBuckets]) await plainClient(cloud.url, bucket).putBucket(bucket);
  return {
    cloud,
    docs,
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
