import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type Figure, type FigureResult, median } from './figure.ts';

/** Runs of each; they take turns, so that a busy machine disturbs all alike. */
const runs = 9;

const report =
  'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error("cpu " + (user + system) / 1000); });';
const context = {
  requestId: 'bench',
  region: 'cn-hangzhou',
  credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret', securityToken: '' },
};

/** Starts of a process, by what it runs: CPU from its begin to its end, against one that runs nothing. */
export const starts: Figure = () => {
  const bundle = resolve('dist/object-created/index.js');
  const initialize = `require(${JSON.stringify(bundle)}).initializer(${JSON.stringify(context)}).then(() => process.exit(0));`;
  const commands = {
    empty: ['-e', report],
    'cold start of object-created': ['-e', report + initialize],
    'holdfast --version': [
      '--import',
      `data:text/javascript,${encodeURIComponent(report)}`,
      resolve('dist/cli/holdfast.js'),
      '--version',
    ],
    'empty, loaded beforehand': ['--import', `data:text/javascript,${encodeURIComponent(report)}`, '-e', ''],
  };
  const taken = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const [what, args] of Object.entries(commands)) {
      taken.set(what, [...(taken.get(what) ?? []), cpuOf(args)]);
    }
  }
  const middle = (what: keyof typeof commands) => median(taken.get(what) ?? []);
  const line = (what: keyof typeof commands, against: keyof typeof commands, goal: number): FigureResult => ({
    what: `${what}, CPU`,
    value: `${middle(what).toFixed(0)} ms`,
    reference: `empty script, ${middle(against).toFixed(0)} ms`,
    measured: middle(what) / middle(against),
    goal,
  });
  return [
    line('cold start of object-created', 'empty', 1.5),
    line('holdfast --version', 'empty, loaded beforehand', 1.8),
  ];
};

function cpuOf(args: readonly string[]): number {
  const { stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOLDFAST_OSS_ENDPOINT: 'http://127.0.0.1:1' },
  });
  const cpu = /cpu ([\d.]+)/.exec(stderr)?.[1];
  if (status !== 0 || cpu === undefined) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return Number(cpu);
}
