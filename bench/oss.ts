import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { systemClock } from '../shared/platform/clock.ts';
import { topFunctions } from './profile.ts';
import { type RawRequest, sendAll } from './raw-client.ts';
import { type Served, serve } from './serve.ts';

/**
 * `npm run bench:oss`: signed small requests a second against the embedded OSS in a process of its own, kept in memory and
 * with --data. `--profile` also prints where the server's time goes.
 */
const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '30000' },
    connections: { type: 'string', default: '16' },
    pipelined: { type: 'string', default: '4' },
    profile: { type: 'boolean', default: false },
  },
});
const count = Number(options.requests);
const load = { connections: Number(options.connections), pipelined: Number(options.pipelined) };

const until = '2066-01-01T00:00:00.000Z';
const retention = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`;
const worm =
  '<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>';
const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
const body = 'x'.repeat(100);

const setUp: readonly RawRequest[] = [
  { method: 'PUT', path: '/bench/' },
  { method: 'PUT', path: '/bench/', query: 'versioning', body: versioning },
  { method: 'PUT', path: '/bench/', query: 'objectWorm', body: worm },
];
const kinds: Readonly<Record<string, (index: number) => RawRequest>> = {
  'PUT 100 bytes': (index) => ({ method: 'PUT', path: `/bench/key-${index}`, body }),
  HEAD: (index) => ({ method: 'HEAD', path: `/bench/key-${index}` }),
  PutObjectRetention: (index) => ({
    method: 'PUT',
    path: `/bench/key-${index}`,
    query: 'retention',
    body: retention,
  }),
};

interface Rate {
  readonly perSecond: number;
  /** What a core that had nothing else to do would handle: other programs on the machine do not count. */
  readonly perCpuSecond: number;
}

async function measure({ port, usage }: Served): Promise<Rate[]> {
  const now = systemClock.now();
  for (const request of setUp) await sendAll(port, now, 1, { connections: 1, pipelined: 1 }, () => request);
  const rates: Rate[] = [];
  for (const request of Object.values(kinds)) {
    await sendAll(port, now, count, load, request); // until the engine has compiled what runs often
    const { cpuMs } = await usage();
    const started = performance.now();
    await sendAll(port, now, count, load, request);
    const perSecond = (count * 1000) / (performance.now() - started);
    rates.push({ perSecond, perCpuSecond: (count * 1000) / ((await usage()).cpuMs - cpuMs) });
  }
  return rates;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAt(where: { data?: string; profile?: string }): Promise<Rate[]> {
  const served = await serve(where);
  const rates = await measure(served);
  await served.end();
  return rates;
}

const table = new Table({ head: ['requests a second', ...Object.keys(kinds)], style: { head: [] } });
const rows = (name: string, rates: readonly Rate[]) =>
  table.push(
    [name, ...rates.map(({ perSecond }) => Math.round(perSecond))],
    [`${name}, CPU time`, ...rates.map(({ perCpuSecond }) => Math.round(perCpuSecond))],
  );
rows('in memory', await measureAt({}));
rows('with --data', await inFolder((data) => measureAt({ data })));
console.log(`${count} of each, ${load.connections} connections, ${load.pipelined} at once on each`);
console.log(table.toString());

if (options.profile) {
  const shares = await inFolder(async (profile) => {
    await measureAt({ profile });
    return topFunctions(profile, 15);
  });
  const where = new Table({ head: ['% of busy time', 'function (in memory)'], style: { head: [] } });
  for (const { name, percent } of shares) where.push([percent.toFixed(1), name]);
  console.log(where.toString());
}
