import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Cloud, startCloud } from '../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../local/plain-client.ts';
import { minute, second } from '../shared/platform/instant.ts';

/**
 * `holdfast protect --fan-out` over the embedded Function Compute, with every fifth invocation killed before, during or
 * after its work: is all protected, and each version written once? Run: `npm run bench:fan-out -- [objects] [shard size]`.
 */
const objects = Number(process.argv[2] ?? 200_000);
const shardSize = Number(process.argv[3] ?? 10_000);
const tasks = 4;
/** Of each task. All share this machine: with more the replies take longer than the client waits, and it asks again. */
const concurrency = 8;
const uploadsAtOnce = 64;
const functionName = 'holdfast-protect-existing';
const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://kept/failed/
objects:
  - { name: plain, match: { bucket: records }, retain: 1y }
`;

const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
await writeFile(join(folder, 'rules.yaml'), rules);
const invocations = { all: 0, killed: 0 };
const cloud: Cloud = await startCloud({
  template: 's.yaml',
  everyBucket: true,
  rules: join(folder, 'rules.yaml'),
  deliver: ({ trigger }) => (trigger === 'api' || trigger === 'destination' ? [0] : []),
  weather: [{ kind: 'instances', killRate: 0.2, withinMs: minute, seed: 1 }],
  onInvocation({ function: name, status }) {
    if (name !== functionName) return;
    invocations.all += 1;
    if (status === 'succeeded') return;
    invocations.killed += 1;
    void cloud.advance(20 * minute); // its repetition comes as soon as the others rest
  },
});

/** How often each version was written; the server keeps the last requests only, so they are taken out all the time. */
const writes = new Map<string, number>();
let requests = 0;
/** Whose connection ended before the reply, because the client was killed or did not wait. */
let unanswered = 0;
function takeRequests(): void {
  for (const { operation, status, key, versionId, principal } of cloud.oss.requests.list()) {
    if (!principal.startsWith('function ')) continue;
    requests += 1;
    if (status === 0) unanswered += 1;
    if (operation !== 'PutObjectRetention' || status !== 200) continue;
    const name = `${key} ${versionId}`;
    writes.set(name, (writes.get(name) ?? 0) + 1);
  }
  cloud.oss.requests.clear();
}

async function fill(): Promise<void> {
  const client = await createRetentionBucket(cloud.url, 'records');
  await plainClient(cloud.url, 'kept').putBucket('kept');
  let next = 0;
  const upload = async () => {
    while (next < objects) {
      next += 1;
      await client.put(`objects/${String(next).padStart(7, '0')}`, Buffer.from('x'));
    }
  };
  await Promise.all(Array.from({ length: uploadsAtOnce }, upload));
}

async function protect(): Promise<Readonly<Record<string, unknown>>> {
  const args = [
    'protect',
    '--yes',
    'oss://records',
    '--fan-out',
    '--tasks',
    `${tasks}`,
    '--shard-size',
    `${shardSize}`,
    '--concurrency',
    `${concurrency}`,
  ];
  const env = {
    PATH: process.env['PATH'],
    HOLDFAST_OSS_ENDPOINT: cloud.url,
    HOLDFAST_FC_ENDPOINT: cloud.url,
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'holdfast',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'holdfast-secret',
  };
  const cli = resolve('dist/cli/holdfast.js');
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args, '--json'], {
    cwd: folder,
    env,
  });
  return JSON.parse(stdout);
}

const draining = setInterval(takeRequests, second);
try {
  let started = performance.now();
  const lap = (what: string) => {
    console.log(`${what}: ${((performance.now() - started) / second).toFixed(0)} s`);
    started = performance.now();
  };
  await fill();
  lap(`${objects} objects uploaded`);
  takeRequests();
  requests = 0;
  const { versions, changed, failed, shards } = await protect();
  lap(`fan-out in shards of ${shardSize}, ${tasks} at once`);
  takeRequests();
  const twice = [...writes.values()].filter((times) => times > 1).length;
  console.log(JSON.stringify({ versions, changed, failed, shards }));
  console.log(`invocations: ${invocations.all}, of which killed: ${invocations.killed}`);
  console.log(
    `requests of the function: ${requests}, ${(requests / objects).toFixed(3)} an object, ${unanswered} unanswered`,
  );
  console.log(`written: ${writes.size} versions, more than once: ${twice}`);
  if (writes.size !== objects || twice > 0 || changed !== objects) process.exitCode = 1;
} finally {
  clearInterval(draining);
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
}
