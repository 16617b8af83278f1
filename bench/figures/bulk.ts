import { writeFirst } from '../../shared/backfill/approach.ts';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import { protectSource } from '../../shared/backfill/run.ts';
import type { Source } from '../../shared/backfill/source.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { undiciLater } from '../../shared/storage/oss/undici-later.ts';
import { versionId } from '../../shared/storage/port.ts';
import { withRetry } from '../../shared/storage/retry.ts';
import { bareClient } from './bare-client.ts';
import { asOurs, cpuMs, type Figure, type FigureResult, median } from './figure.ts';
import { inTurns } from './in-turns.ts';
import { retentionServer } from './retention-server.ts';

const objects = 5000;
const perShard = 1000;
const underWay = 64;
/** The first is not counted: the compiler of the machine warms up, which takes longer for a program than for a script. */
const rounds = 6;
const delayMs = 10;

const rules = rulesFrom(
  'version: 1\nlimits: { maxRetention: 100y }\nobjects: [{ name: all, match: { bucket: bench }, retain: 90y }]',
  'rules.yaml',
);
const lastModified = new Date('2012-02-24T06:07:48Z');

/** A bucket of versions as a list shows them, without the requests of a list. */
const source: Source = {
  async *shards() {
    for (let from = 0; from < objects; from += perShard) {
      const versions = Array.from({ length: perShard }, (_, index) => ({
        bucket: 'bench',
        key: `key-${from + index}`,
        versionId: versionId('V'),
        lastModified,
        type: 'Normal',
        isLatest: true,
      }));
      yield await Promise.resolve({ versions, end: String(from + perShard), done: undefined });
    }
  },
};

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

/** The bare client that sends both requests, and the one that sends the second alone; and the two ways of a run. */
type Costs = Readonly<Record<'both' | 'put' | 'write' | 'look', Cost[]>>;

/**
 * CPU, wall time and requests of a run over existing objects, within a process that has run before and without list, report and
 * checkpoint, against a bare client of `node:http` that sends as many. protect-command.ts measures the whole command.
 */
export const bulk: Figure = async () => {
  const server = await retentionServer(delayMs);
  try {
    const storage = createOssStorage({
      region: 'cn-hangzhou',
      endpoint: `http://127.0.0.1:${server.port}`,
      credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
      connections: undiciLater(),
    });
    const client = bareClient(server.port, underWay);
    const costs: Costs = { both: [], put: [], write: [], look: [] };
    const requests = { write: 0, look: 0 };
    const works: Readonly<Record<keyof Costs, () => Promise<void>>> = {
      both: () => inTurns(objects, underWay, client.headAndPut),
      put: () => inTurns(objects, underWay, client.put),
      async write() {
        requests.write = await run(storage, true);
      },
      async look() {
        requests.look = await run(storage, false);
      },
    };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['both', 'put', 'write', 'look'] as const) {
        if (round === 1) costs[name].length = 0;
        await server.forget();
        costs[name].push(await costOf(works[name]));
      }
    }
    return [
      ...compare('write first', costs.write, 'HEAD and PUT', costs.both),
      requestsOf('write first', requests.write, { goal: 1.01 }),
      ...compare('write first', costs.write, 'PUT alone', costs.put).map(asOurs),
      ...compare('look first', costs.look, 'HEAD and PUT', costs.both),
      requestsOf('look first', requests.look, { goal: 2, ours: true }),
    ];
  } finally {
    server.close();
  }
};

/** @returns the requests that were sent */
async function run(oss: ReturnType<typeof createOssStorage>, first: boolean): Promise<number> {
  const pace = createPace({ clock: systemClock, concurrency: underWay, qps: undefined, readsFirst: true });
  await protectSource({
    deps: {
      storage: withRetry(pace.around(oss), { clock: systemClock }),
      rules,
      clock: systemClock,
      concurrency: underWay,
      signal: new AbortController().signal,
      approach: first ? writeFirst() : undefined,
    },
    source,
    checkpoint: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    run: {},
    openReport: () =>
      Promise.resolve({
        append: () => Promise.resolve({ lines: 0, table: 0 }),
        close: () => Promise.resolve(),
      }),
    requests: pace.requests,
    onResume: () => undefined,
    onProgress: () => undefined,
  });
  return pace.requests();
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const cpu = cpuMs();
  const wall = performance.now();
  await work();
  return { cpu: cpuMs() - cpu, wall: performance.now() - wall };
}

/** @param sent what the bare client sends for each object */
function compare(
  mode: string,
  ours: readonly Cost[],
  sent: string,
  theirs: readonly Cost[],
): readonly FigureResult[] {
  const line = (words: string, name: keyof Cost, goal: number): FigureResult => {
    const each = (costs: readonly Cost[]) => (median(costs.map((cost) => cost[name])) / objects) * 1000;
    return {
      what: `bulk, ${mode}, ${words}`,
      value: `${each(ours).toFixed(0)} µs`,
      reference: `bare client, ${sent}, ${each(theirs).toFixed(0)} µs`,
      measured: each(ours) / each(theirs),
      goal,
    };
  };
  return [line('CPU an object', 'cpu', 1.25), line(`wall time at ${delayMs} ms`, 'wall', 1.1)];
}

const requestsOf = (
  mode: string,
  requests: number,
  goal: Pick<FigureResult, 'goal' | 'ours'>,
): FigureResult => ({
  what: `bulk, ${mode}, requests an object`,
  value: (requests / objects).toFixed(3),
  reference: 'one object',
  measured: requests / objects,
  ...goal,
});
