import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { startCloud } from '../local/cloud.ts';
import { createRetentionBucket } from '../local/plain-client.ts';

/**
 * `holdfast protect --inventory` over a generated inventory: rows a second and peak memory where the rows alone
 * decide, and requests an object where versions have to be protected. Run: `npm run bench:protect -- [rows]`.
 */
const rows = Number(process.argv[2] ?? 1_000_000);
const perFile = 250_000;
const live = 1000;
const schema = 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, TaggingCount';
const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: old, match: { bucket: records, key: "old/**" }, retain: 30d }
  - { name: live, match: { bucket: records, key: "live/**" }, retain: 7y }
`;

interface Measured {
  readonly versions: number;
  readonly changed: number;
  readonly requests: number;
  readonly elapsedMs: number;
  readonly peakMemoryMb: number;
}

const cloud = await startCloud();
const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
try {
  const records = await createRetentionBucket(cloud.url, 'records');
  const lists = await createRetentionBucket(cloud.url, 'lists');
  await writeFile(join(folder, 'rules.yaml'), rules);

  /** Stores an inventory, file by file. @returns its URL */
  const inventory = async (name: string, contents: Iterable<string>): Promise<string> => {
    const files: { key: string; size: number; MD5checksum: string }[] = [];
    for (const content of contents) {
      const data = gzipSync(content);
      const key = `${name}/data/${files.length}.csv.gz`;
      await lists.put(key, data);
      files.push({ key, size: data.length, MD5checksum: createHash('md5').update(data).digest('hex') });
    }
    const manifest = { fileFormat: 'CSV', fileSchema: schema, sourceBucket: 'records', files };
    await lists.put(`${name}/manifest.json`, Buffer.from(JSON.stringify(manifest)));
    return `oss://lists/${name}/manifest.json`;
  };
  const protect = async (url: string): Promise<Measured> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [resolve('dist/cli/holdfast.js'), 'protect', 'oss://records', '--yes', '--inventory', url, '--json'],
      {
        cwd: folder,
        env: {
          HOLDFAST_OSS_ENDPOINT: cloud.url,
          ALIBABA_CLOUD_ACCESS_KEY_ID: 'holdfast',
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'holdfast-secret',
        },
      },
    );
    const measured: Measured = JSON.parse(stdout);
    return measured;
  };
  const show = (what: string, { versions, changed, requests, elapsedMs, peakMemoryMb }: Measured) => {
    const rate = Math.round(versions / (elapsedMs / 1000));
    const each = (requests / versions).toFixed(4);
    console.log(
      `${what}: ${versions} rows, ${rate} rows/s, ${changed} changed, ${each} requests an object, ${peakMemoryMb} MB at most`,
    );
  };

  show('decided by the rows alone', await protect(await inventory('all', generated())));
  const kept = await inventory('live', [await uploaded()]);
  show('protected', await protect(kept));
  show('protected already', await protect(kept));

  async function uploaded(): Promise<string> {
    const lines = [];
    for (let each = 0; each < live; each += 1) {
      const { res } = await records.put(`live/${each}`, Buffer.from('x'));
      const id = res.headers['x-oss-version-id'];
      lines.push(`records,live%2F${each},${id},true,false,1,${cloud.time.now().toISOString()},0\n`);
    }
    return lines.join('');
  }
} finally {
  await rm(folder, { recursive: true, force: true });
  await cloud.close();
}

/** Half of the rows are past their date, half are covered by no rule. */
function* generated(): Generator<string> {
  for (let from = 0; from < rows; from += perFile) {
    const lines = [];
    for (let each = from; each < Math.min(rows, from + perFile); each += 1) {
      const key = `${each % 2 === 0 ? 'old' : 'other'}%2F${String(each).padStart(9, '0')}`;
      const id = createHash('md5').update(key).digest('hex');
      lines.push(`"records","${key}","${id}","true","false","1048576","2020-01-01T00:00:00Z","0"\n`);
    }
    yield lines.join('');
  }
}
