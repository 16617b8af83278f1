import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditRecord } from '../../shared/audit/file.ts';
import { createAuditWriter } from '../../shared/audit/writer.ts';
import { cloudEnvironment, runCli, startCli } from './cli.ts';
import { holdTestWorld } from './hold-world.ts';
import { validRules } from './rules-file.ts';
import { type Asked, stopWhenSeen } from './stop-when-seen.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - { name: ledgers, match: { bucket: fin-1 }, retain: { for: 1y, fromTag: closed-on, otherwise: 2y } }
  - { name: letters, match: { bucket: "hr-*" }, retain: 30d }
`;

/** Makes a cloud with records and evidence, and an export that a test stops. */
export async function stoppedExport() {
  const world = await holdTestWorld(['fin-1', 'hr-1'], rules);
  const env = cloudEnvironment(world.cloud.url);
  const options = { cwd: world.folder, env };
  const { requests } = world.cloud.oss;
  const writer = createAuditWriter('policy-timer');
  return {
    ...world,
    options,
    run: (...args: string[]) => runCli(args, options),
    uploadMany: async (bucket: string, count: number) => {
      for (let from = 0; from < count; from += 50) {
        const keys = Array.from({ length: Math.min(50, count - from) }, (_, index) => `k${from + index}`);
        await Promise.all(keys.map((key) => world.upload(bucket, key, { 'closed-on': '2026-11-01' })));
      }
    },
    /** Writes files of the timer, a record each. */
    keep: async (...records: AuditRecord[]) => {
      const clock = { now: () => world.cloud.time.now(), sleep: () => Promise.resolve() };
      const deps = { storage: world.storage, rules: validRules(rules), clock };
      const place = { bucket: 'evidence', prefix: 'decisions/' };
      for (const record of records) await writer.write(deps, place, [record], undefined);
    },
    /** Starts it, and ends it as soon as so many requests were seen that a test asks for. */
    stopAfter: (
      count: number,
      signal: NodeJS.Signals,
      args: readonly string[],
      isCounted: (asked: Asked) => boolean,
    ) => stopWhenSeen(requests, () => startCli(args, options), { requests: count, signal, isCounted }),
    filesOf: (pack: string) => readdirSync(join(world.folder, pack)).sort(),
    read: (pack: string, file: string) => readFileSync(join(world.folder, pack, file), 'utf8'),
  };
}

/** Tells whether a request is a look at a record. */
export const ofBuckets = ({ operation, bucket }: Asked) =>
  operation === 'HeadObject' && bucket !== 'evidence';
/** Tells whether a request reads a file of evidence. */
export const ofEvidence = ({ operation, bucket }: Asked) =>
  operation === 'GetObject' && bucket === 'evidence';

const timeless = (content: string) =>
  content
    .replaceAll(/^made .*$/gm, '')
    .replaceAll(/"(madeAt|finishedAt)": .*$/gm, '')
    .replaceAll(/^[0-9a-f]{64} {2}(READ-ME\.txt|summary\.json)$/gm, '');

/** Returns each file of a pack by its path, without what tells when it was made. */
export function contentsOf(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.sort().map((file) => [file.slice(folder.length + 1), timeless(readFileSync(file, 'utf8'))]),
  );
}
