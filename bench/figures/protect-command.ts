import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, type FigureResult, median } from './figure.ts';
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
 * process of a bare client that is told the keys and does nothing but send.
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
    const lines: FigureResult[] = [];
    for (const mode of ['write', 'look']) {
      const ours: ProcessCost[] = [];
      const theirs: ProcessCost[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await server.forget();
        theirs.push(await processCost([bareRun, String(server.port), String(objects), mode]));
        await server.forget();
        const args = mode === 'look' ? [...command, '--look-first'] : command;
        ours.push(await processCost(args, { cwd: folder, env }));
      }
      lines.push(...linesOf(`holdfast protect, ${mode} first`, ours, theirs));
    }
    return lines;
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
};

function linesOf(what: string, ours: readonly ProcessCost[], theirs: readonly ProcessCost[]): FigureResult[] {
  const middle = (costs: readonly ProcessCost[], name: keyof ProcessCost) =>
    median(costs.map((cost) => cost[name]));
  const line = (name: 'cpu' | 'wall', words: string, goal: number): FigureResult => {
    const each = (costs: readonly ProcessCost[]) => (middle(costs, name) / objects) * 1000;
    return {
      what: `${what}, whole command, ${words} an object`,
      value: `${each(ours).toFixed(0)} µs`,
      reference: `process of the bare client, ${each(theirs).toFixed(0)} µs`,
      measured: each(ours) / each(theirs),
      goal,
    };
  };
  const peak = middle(ours, 'peakMb');
  return [
    line('cpu', 'CPU', 1.25),
    line('wall', `wall time at ${delayMs} ms`, 1.1),
    {
      what: `${what}, peak memory`,
      value: `${peak.toFixed(0)} MB`,
      reference: `${mostMb} MB`,
      measured: peak / mostMb,
      goal: 1,
    },
  ];
}
