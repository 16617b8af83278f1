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
import { cpuMs, type Figure, type FigureResult, median } from './figure.ts';
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
    const modes = [
      { name: 'write first', first: true, bare: client.put },
      { name: 'look first', first: false, bare: client.headAndPut },
    ];
    const lines: FigureResult[] = [];
    for (const { name, first, bare } of modes) {
      const ours: Cost[] = [];
      const theirs: Cost[] = [];
      let requests = 0;
      for (let round = 0; round < rounds; round += 1) {
        if (round === 1) ours.length = theirs.length = 0;
        await server.forget();
        theirs.push(await costOf(() => inTurns(objects, underWay, bare)));
        await server.forget();
        ours.push(
          await costOf(async () => {
            requests = await run(storage, first);
          }),
        );
      }
      lines.push(compare(`bulk, ${name}, CPU an object`, ours, theirs, 'cpu', 1.25));
      lines.push(compare(`bulk, ${name}, wall time at ${delayMs} ms`, ours, theirs, 'wall', 1.1));
      lines.push({
        what: `bulk, ${name}, requests an object`,
        value: (requests / objects).toFixed(3),
        reference: 'one object',
        measured: requests / objects,
        goal: first ? 1.01 : 2,
      });
    }
    return lines;
  } finally {
    server.close();
  }
};

/** @returns the requests that were sent */
async function run(oss: ReturnType<typeof createOssStorage>, first: boolean): Promise<number> {
  const pace = createPace({ clock: systemClock, concurrency: underWay, qps: undefined });
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

function compare(
  what: string,
  ours: readonly Cost[],
  theirs: readonly Cost[],
  name: keyof Cost,
  goal: number,
): FigureResult {
  const each = (costs: readonly Cost[]) => (median(costs.map((cost) => cost[name])) / objects) * 1000;
  return {
    what,
    value: `${each(ours).toFixed(0)} µs`,
    reference: `bare client, ${each(theirs).toFixed(0)} µs`,
    measured: each(ours) / each(theirs),
    goal,
  };
}
