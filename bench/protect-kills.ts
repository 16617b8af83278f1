import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';
import { createDraw } from '../local/chaos/draw.ts';
import { startCloud } from '../local/cloud.ts';
import { createRetentionBucket } from '../local/plain-client.ts';
import { uploadVersion } from '../local/plain-uploads.ts';

/**
 * Kills `holdfast protect` with SIGKILL at random moments, lets the same command go on each time, and compares the final
 * report with that of a run that nobody disturbed. Exit code 1 when they differ.
 * Run: `npm run bench:kills -- [versions] [kills] [seed]`.
 */
const [versions = 50_000, kills = 10, seed = 1] = process.argv.slice(2).map(Number);
const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: 1y }
  - { name: until, match: { bucket: records, key: "until/**", tags: { until: "*" } }, retain: { untilTag: until } }
`;

const cloud = await startCloud();
const folder = await mkdtemp(join(tmpdir(), 'holdfast-kills-'));
const seen = { requests: 0, writes: 0 };
const count = () => {
  for (const { operation } of cloud.oss.requests.list()) {
    seen.requests += 1;
    if (operation === 'PutObjectRetention') seen.writes += 1;
  }
  cloud.oss.requests.clear();
  return seen.requests;
};

try {
  await writeFile(join(folder, 'rules.yaml'), rules);
  const records = await createRetentionBucket(cloud.url, 'records');
  const limit = pLimit(16);
  await Promise.all(Array.from({ length: versions }, (_, index) => limit(() => upload(index))));
  const start = performance.now();

  await run('dry.jsonl', '--dry-run');
  const undisturbed = (await linesOf('dry.jsonl')).map((line) =>
    line.replace('"would-protect"', '"protected"'),
  );
  count();
  Object.assign(seen, { requests: 0, writes: 0 });

  const draw = createDraw(seed);
  const all = 2 * versions; // requests that the whole work takes, at least
  const moments = Array.from({ length: kills }, () => draw.between(1, all)).sort((a, b) => a - b);
  for (const moment of moments) await run('report.jsonl', moment);
  await run('report.jsonl');
  count();
  // A dry run looks at each version, and the run itself writes most without a look.
  const report = (await linesOf('report.jsonl')).map((line) => line.replace(',"looked":false', ''));
  const differing = Math.max(report.length, undisturbed.length) - equal(report, undisturbed);
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `${versions} versions, killed ${kills} times (seed ${seed}): ${report.length} lines, ${differing} differ from the undisturbed report; ${seen.requests} requests, ${seen.writes} writes; ${seconds} s`,
  );
  process.exitCode = differing === 0 ? 0 : 1;

  async function upload(index: number): Promise<void> {
    const number = String(index).padStart(7, '0');
    const body = Buffer.from('x');
    if (index % 1000 !== 0) await uploadVersion(records, { key: `plain/${number}`, body, tags: {} });
    else await uploadVersion(records, { key: `until/${number}`, body, tags: { until: 'soon' } }); // fails
  }
} finally {
  await rm(folder, { recursive: true, force: true });
  await cloud.close();
}

/** Runs the command to its end, or until the service has seen so many requests since the first run. */
async function run(report: string, until: number | '--dry-run' = Number.POSITIVE_INFINITY): Promise<void> {
  const args = [
    'protect',
    'oss://records',
    '--yes',
    '--report',
    report,
    ...(until === '--dry-run' ? [until] : []),
  ];
  const child = spawn(process.execPath, [resolve('dist/cli/holdfast.js'), ...args], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      HOLDFAST_OSS_ENDPOINT: cloud.url,
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'holdfast',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'holdfast-secret',
    },
  });
  const ended = once(child, 'close');
  const from = until === '--dry-run' ? Number.POSITIVE_INFINITY : until;
  while (child.exitCode === null && child.signalCode === null && count() < from) await wait(5);
  child.kill('SIGKILL');
  const [code] = await ended;
  if (code !== null && code !== 1) throw new Error(`holdfast ${args.join(' ')} ended with ${code}`);
}

async function linesOf(report: string): Promise<string[]> {
  return (await readFile(join(folder, report), 'utf8')).split('\n').filter((line) => line !== '');
}

/** How many lines are the same, in the same order. */
function equal(some: readonly string[], others: readonly string[]): number {
  return some.filter((line, index) => line === others[index]).length;
}
