import { onTestFinished } from 'vitest';
import { openMatter } from '../../cli/hold/open.ts';
import type { HoldOpenOptions } from '../../cli/hold/options.ts';
import { releaseMatter } from '../../cli/hold/release.ts';
import type { HoldWorld } from '../../cli/hold/world.ts';
import type { Report } from '../../cli/terminal/output.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { readMatters } from '../../shared/matters/read.ts';
import { parseMatterRecord } from '../../shared/matters/record.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import { type ObjectStore, versionId } from '../../shared/storage/port.ts';
import { folderWith } from './cli.ts';
import { validRules } from './rules-file.ts';
import { storageOf } from './storage-of.ts';

export const holdRules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 1y }
  - { name: fin, match: { bucket: "fin-*" }, retain: 1y }
`;

/** An embedded cloud with a folder for evidence, in which matters are opened and released as the command does, without its wait. */
export interface HoldTestWorld {
  readonly cloud: Cloud;
  readonly folder: string;
  readonly storage: ObjectStore;
  /** @returns the version's id */
  upload(bucket: string, key: string, tags?: Readonly<Record<string, string>>): Promise<string>;
  open(id: string, given: Partial<HoldOpenOptions>, around?: AroundWorld): Promise<Report>;
  release(id: string, given?: Partial<HoldOpenOptions>, around?: AroundWorld): Promise<Report>;
  isHeld(bucket: string, key: string, id: string): Promise<boolean>;
}

type AroundWorld = (world: HoldWorld) => HoldWorld;

/** The storage of a process that is killed when it lists a bucket. */
export const killedAt =
  (bucket: string) =>
  (inner: HoldWorld): HoldWorld => ({
    ...inner,
    storage: {
      ...inner.storage,
      listVersions: (listed: string, ...rest: [string, string?]) => {
        if (listed === bucket) throw new Error('killed');
        return inner.storage.listVersions(listed, ...rest);
      },
    },
  });

/** The key of a second person. */
export const otherAccessKey = { accessKeyId: 'approver', accessKeySecret: 'approver-secret' };

/** @param buckets that take legal holds */
export async function holdTestWorld(
  buckets: readonly string[] = ['fin-1', 'fin-2', 'hr-1'],
  rulesText = holdRules,
): Promise<HoldTestWorld> {
  const cloud = await startCloud({
    clock: new Date('2026-11-20T10:00:00Z'),
    accessKeys: [defaultAccessKey, otherAccessKey],
  });
  onTestFinished(() => cloud.close());
  for (const bucket of ['evidence', ...buckets]) await createRetentionBucket(cloud.url, bucket);
  const folder = folderWith({ 'rules.yaml': rulesText });
  const storage = storageOf(cloud);
  const rules = validRules(rulesText);
  const place = { bucket: 'evidence', prefix: 'decisions/' };
  const known = new Map();
  const connect =
    (around: AroundWorld = (world) => world) =>
    async ({ dryRun }: { readonly dryRun?: boolean }): Promise<HoldWorld> =>
      around({
        storage: dryRun === true ? readOnly(storage, () => undefined) : storage,
        clock: { now: () => cloud.time.now(), sleep: () => Promise.resolve() },
        region: 'cn-hangzhou',
        isTemporaryCaller: false,
        caller: () => ({ caller: 'LTAIexample', callerFrom: 'a test' }),
        rules,
        readMatters: () =>
          readMatters({ storage, folder: place, load: () => Promise.resolve(parseMatterRecord), known }),
        direct: storage,
        settle: () => Promise.resolve(),
        progressFolder: folder,
      });
  const options = (given: Partial<HoldOpenOptions>): HoldOpenOptions => ({
    ...{ cloud: 'oss', region: 'cn-hangzhou', endpoint: cloud.url, rules: 'rules.yaml', yes: true },
    ...{ decodeKeys: true, concurrency: 8, reason: 'a lawsuit', match: ['oss://fin-*/**'] },
    ...given,
  });
  return {
    cloud,
    folder,
    storage,
    async upload(bucket, key, tags = {}) {
      const tagging = new URLSearchParams(tags).toString();
      const headers: Record<string, string> = tagging === '' ? {} : { 'x-oss-tagging': tagging };
      const { res } = await plainClient(cloud.url, bucket).put(key, Buffer.from('x'), { headers });
      return String(res.headers['x-oss-version-id']);
    },
    open: (id, given, around) => openMatter(id, options(given), connect(around)),
    release: (id, given = {}, around) => releaseMatter(id, options(given), connect(around)),
    isHeld: async (bucket, key, id) =>
      (await storage.holds?.getHold({ bucket, key, versionId: versionId(id) })) === true,
  };
}
