import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { kinds, measureRates, type Rate } from './oss-load.ts';
import { topFunctions } from './profile.ts';
import { serve } from './serve.ts';

/**
 * `npm run bench:oss`: signed small requests a second against the embedded OSS in a process of its own, kept in memory and
 * with --data, beside a server that does nothing. `--profile` also prints where the server's time goes.
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

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAt(where: Parameters<typeof serve>[0]): Promise<Rate[]> {
  const served = await serve(where);
  const rates = await measureRates(served, count, load);
  await served.end();
  return rates;
}

const table = new Table({ head: ['requests a second', ...Object.keys(kinds)], style: { head: [] } });
const rows = (name: string, rates: readonly Rate[]) =>
  table.push(
    [name, ...rates.map(({ perSecond }) => Math.round(perSecond))],
    [`${name}, CPU time`, ...rates.map(({ perCpuSecond }) => Math.round(perCpuSecond))],
  );
rows('empty node:http server', await measureAt({ program: 'empty-server.js' }));
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
