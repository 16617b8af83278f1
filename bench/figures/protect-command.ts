import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asOurs, type Figure, type FigureResult, median } from './figure.ts';
import { type ProcessCost, processCost } from './process-cost.ts';
import { retentionServer } from './retention-server.ts';

/** So many that the start, half a second of CPU, does not decide. */
const objects = 25_000;
const rounds = 3;
const delayMs = 10;
const mostMb = 120;

const rules = `version: 1
limits: { maxRetention: 100y }
objects: [{ name: all, match: { bucket: bench }, retain: 90y }]
`;
const bareRun = fileURLToPath(new URL('./bare-run.js', import.meta.url));

/**
 * `holdfast protect` as people run it, with its start, its list, its report, its checkpoints and the bounds of its heap, against the whole
 * process of a bare client that is told the keys and does nothing but send: HEAD and PUT for each object, and, which is harder to reach
 * for a run that writes first, PUT alone.
 */
export const protectCommand: Figure = async () => {
  const server = await retentionServer(delayMs, objects);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    await writeFile(join(folder, 'rules.yaml'), rules);
    const env = {
      HOLDFAST_OSS_ENDPOINT: `http://127.0.0.1:${server.port}`,
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'holdfast',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'holdfast-secret',
    };
    const command = [resolve('dist/cli/holdfast.js'), 'protect', 'oss://bench', '--yes', '--restart'];
    const bare = (sent: string) => processCost([bareRun, String(server.port), String(objects), sent]);
    const works = {
      both: () => bare('look'),
      put: () => bare('write'),
      write: () => processCost(command, { cwd: folder, env }),
      look: () => processCost([...command, '--look-first'], { cwd: folder, env }),
    };
    const costs: Record<keyof typeof works, ProcessCost[]> = { both: [], put: [], write: [], look: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['both', 'put', 'write', 'look'] as const) {
        await server.forget();
        costs[name].push(await works[name]());
      }
    }
    return [
      ...compare('write first', costs.write, 'HEAD and PUT', costs.both),
      ...compare('write first', costs.write, 'PUT alone', costs.put).map(asOurs),
      peakOf('write first', costs.write),
      ...compare('look first', costs.look, 'HEAD and PUT', costs.both),
      peakOf('look first', costs.look),
    ];
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
};

const middle = (costs: readonly ProcessCost[], name: keyof ProcessCost) =>
  median(costs.map((cost) => cost[name]));

/** @param sent what the bare client sends for each object */
function compare(
  mode: string,
  ours: readonly ProcessCost[],
  sent: string,
  theirs: readonly ProcessCost[],
): readonly FigureResult[] {
  const line = (words: string, name: 'cpu' | 'wall', goal: number): FigureResult => {
    const each = (costs: readonly ProcessCost[]) => (middle(costs, name) / objects) * 1000;
    return {
      what: `holdfast protect, ${mode}, whole command, ${words} an object`,
      value: `${each(ours).toFixed(0)} µs`,
      reference: `process of the bare client, ${sent}, ${each(theirs).toFixed(0)} µs`,
      measured: each(ours) / each(theirs),
      goal,
    };
  };
  return [line('CPU', 'cpu', 1.25), line(`wall time at ${delayMs} ms`, 'wall', 1.1)];
}

function peakOf(mode: string, ours: readonly ProcessCost[]): FigureResult {
  const peak = middle(ours, 'peakMb');
  return asOurs({
    what: `holdfast protect, ${mode}, peak memory`,
    value: `${peak.toFixed(0)} MB`,
    reference: `${mostMb} MB`,
    measured: peak / mostMb,
    goal: 1,
  });
}
