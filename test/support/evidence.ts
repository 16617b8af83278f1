import { plainClient } from '../../local/plain-client.ts';
import { anchorRecord } from '../../shared/audit/anchor.ts';
import type { AuditFinding } from '../../shared/audit/findings.ts';
import { type Verified, type VerifyState, verifyAudit } from '../../shared/audit/verify.ts';
import { type AuditWriter, createAuditWriter, type KeptEvidence } from '../../shared/audit/writer.ts';
import { minute } from '../../shared/platform/instant.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { createOssStorage, type OssStorage } from '../../shared/storage/oss/index.ts';
import type { ListedVersion } from '../../shared/storage/port.ts';
import { accessKeyId, accessKeySecret, type OssServer } from './oss-server.ts';
import { validRules } from './rules-file.ts';

/** Evidence in a bucket of the embedded OSS that keeps versions and no retention, so that it can be tampered with. */
export interface EvidenceWorld {
  readonly rules: Rules;
  readonly storage: OssStorage;
  readonly bucket: string;
  /** A step of a history: a writer's next file, or an anchor; each a few minutes after the last. */
  write(writer: number | 'anchor'): Promise<KeptEvidence>;
  /** What a writer knew is gone; the next file is another's. */
  kill(writer: number | 'anchor'): void;
  /** `progress` has the number of files at each step. */
  verify(from?: VerifyState): Promise<
    Verified & {
      readonly found: readonly AuditFinding[];
      readonly progress: readonly number[];
      /** At the end of each hour: what has to be kept to go on, and what was found until then. */
      readonly hours: readonly { readonly state: VerifyState; readonly found: readonly AuditFinding[] }[];
    }
  >;
  /** All files as they are now, in order. */
  list(): Promise<Extract<ListedVersion, { kind: 'version' }>[]>;
  /** As somebody who may do anything in the bucket. */
  put(file: string, text: string): Promise<void>;
  read(file: string): Promise<string>;
  /** For good, not by a delete marker. */
  remove(file: string): Promise<void>;
}

const folder = 'audit/';
let buckets = 0;

/** @param stepMs between two files */
export async function evidenceWorld(server: OssServer, stepMs = 25 * minute): Promise<EvidenceWorld> {
  buckets += 1;
  const bucket = `evidence-${buckets}`;
  const url = `http://127.0.0.1:${server.port}`;
  const client = plainClient(url, bucket);
  await client.putBucket(bucket);
  await client.putBucketVersioning(bucket, 'Enabled');
  const rules = validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://${bucket}/${folder}
objects:
  - { name: others, match: { bucket: others }, retain: 1y }
`);
  const credentials = { accessKeyId, accessKeySecret };
  const storage = createOssStorage({ region: 'cn-hangzhou', endpoint: url, credentials });
  const place = { bucket, prefix: folder };
  // Time as the writers have it; the server's stands still, so that nothing is old enough to be under retention.
  let now = server.now();
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const writers = new Map<number | 'anchor', AuditWriter>();
  const at = (file: string) => ({ bucket, key: `${folder}${file}` });

  return {
    rules,
    storage,
    bucket,
    async write(who) {
      now = new Date(now.getTime() + stepMs);
      const writer =
        writers.get(who) ?? createAuditWriter(who === 'anchor' ? 'policy-timer' : 'object-created');
      writers.set(who, writer);
      const record = who === 'anchor' ? await anchorRecord(storage, place, now) : { action: 'protect', who };
      return await writer.write({ storage, rules, clock }, place, [record], `request of ${who}`);
    },
    kill(who) {
      writers.delete(who);
    },
    async verify(from) {
      const found: AuditFinding[] = [];
      const progress: number[] = [];
      const hours: { state: VerifyState; found: AuditFinding[] }[] = [];
      const result = await verifyAudit({
        storage,
        place,
        now: server.now(),
        rules,
        onFinding: (finding) => found.push(finding),
        from,
        onProgress: ({ files }) => progress.push(files),
        onHour: (state) => {
          hours.push({ state, found: [...found] });
          return Promise.resolve();
        },
      });
      return { ...result, found, progress, hours };
    },
    async list() {
      const all = [];
      for await (const version of storage.listVersions(bucket, folder)) {
        if (version.kind === 'version') all.push(version);
      }
      return all;
    },
    async put(file, text) {
      await storage.writeText(at(file), text);
    },
    async read(file) {
      const found = await storage.readText(at(file));
      return found === 'unchanged' ? '' : found.text;
    },
    async remove(file) {
      for await (const { key, versionId } of storage.listVersions(bucket, `${folder}${file}`)) {
        await client.delete(key, { versionId });
      }
    },
  };
}
