import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import { serveBuckets } from '../../shared/buckets/serve.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { minute, second } from '../../shared/platform/instant.ts';
import { loadRules } from '../../shared/rules/load.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { bareClient } from './bare-client.ts';
import { cpuMs, type Figure } from './figure.ts';

const buckets = 10_000;
/** The limits that functions/policy-timer has for its requests. */
const effort = { concurrency: 64, least: 8, qps: 500, readsFirst: false };
const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
const goalMs = minute;

const rulesText = `version: 1
limits: { maxRetention: 10y }
buckets: [{ name: archive, match: { bucket: "archive-*" }, policy: { days: 365, lock: { after: 20h } } }]
`;

/** Lists the buckets, and answers GetBucketWorm of each after 20 ms. */
const server = `
  const names = Array.from({ length: ${buckets} }, (_, at) => 'archive-' + String(at).padStart(5, '0'));
  const page = (marker) => {
    const from = marker === null ? 0 : names.indexOf(marker) + 1;
    const some = names.slice(from, from + 1000);
    const more = from + 1000 < names.length;
    return '<ListAllMyBucketsResult><IsTruncated>' + more + '</IsTruncated>' +
      (more ? '<NextMarker>' + some.at(-1) + '</NextMarker>' : '') + '<Buckets>' +
      some.map((name) => '<Bucket><Name>' + name + '</Name><Location>oss-cn-hangzhou</Location></Bucket>').join('') +
      '</Buckets></ListAllMyBucketsResult>';
  };
  const policy = '<WormConfiguration><WormId>W</WormId><State>Locked</State>' +
    '<RetentionPeriodInDays>365</RetentionPeriodInDays><CreationDate>2012-02-24T06:07:48.000Z</CreationDate></WormConfiguration>';
  const server = require('http').createServer((request, response) => {
    const url = new URL(request.url, 'http://x');
    const body = url.searchParams.has('worm') ? policy : page(url.searchParams.get('marker'));
    request.resume().on('end', () => setTimeout(() =>
      response.writeHead(200, { 'x-oss-request-id': 'R', 'content-type': 'application/xml' }).end(body), 20));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

/** A run of the timer over 10,000 buckets at 20 ms a call: its time, and its CPU against a bare client that asks the same. */
export const timer: Figure = async () => {
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(child.stdout, 'data');
    const port = Number(String(line));
    const bareMs = await askAll(port);
    const { wallMs, runMs } = await runOnce(port);
    const each = (ms: number) => `${((ms / buckets) * 1000).toFixed(0)} µs a bucket`;
    return [
      {
        what: `timer, ${buckets} buckets at 20 ms a call`,
        value: `${(wallMs / second).toFixed(1)} s`,
        reference: `goal, ${goalMs / second} s`,
        measured: wallMs / goalMs,
        goal: 1,
      },
      {
        what: 'timer, CPU of a run',
        value: each(runMs),
        reference: `bare client at that pace, ${each(bareMs)}`,
        measured: runMs / bareMs,
        goal: 1.5,
        ours: true,
      },
    ];
  } finally {
    child.kill();
  }
};

async function runOnce(port: number): Promise<{ wallMs: number; runMs: number }> {
  const loaded = loadRules(rulesText, 'rules.yaml');
  if (!loaded.ok) throw new Error('the rules of the benchmark are not valid');
  const endpoint = `http://127.0.0.1:${port}`;
  const storage = createOssStorage({ region: 'cn-hangzhou', endpoint, credentials });
  const clock = systemClock;
  const deps = { storage: createPace({ clock, ...effort }).around(storage), rules: loaded.rules, clock };
  const [begin, before] = [performance.now(), cpuMs()];
  const until = new Date(clock.now().getTime() + 5 * minute);
  const { outcomes } = await serveBuckets({ ...deps, region: 'cn-hangzhou' }, until);
  if (outcomes.length !== buckets) throw new Error(`${outcomes.length} of ${buckets} buckets were served`);
  return { wallMs: performance.now() - begin, runMs: cpuMs() - before };
}

/**
 * GetBucketWorm of every bucket by the bare client, as many a second as the timer may send: with few replies at a time each is
 * an event of its own, which takes half as much CPU again as when many come at once.
 * @returns its CPU
 */
async function askAll(port: number): Promise<number> {
  const client = bareClient(port);
  const before = cpuMs();
  const begin = performance.now();
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < buckets; at = next++) {
      const waitMs = (at * second) / effort.qps - (performance.now() - begin);
      if (waitMs > 0) await systemClock.sleep(waitMs);
      const bucket = `archive-${String(at).padStart(5, '0')}`;
      await client.send({ method: 'GET', bucket, key: '', query: 'worm' });
    }
  };
  await Promise.all(Array.from({ length: effort.concurrency }, worker));
  client.close();
  return cpuMs() - before;
}
