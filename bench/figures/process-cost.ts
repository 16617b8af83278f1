import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';

/** A whole process costs so much, from its start to its end, whatever its threads did. */
export interface ProcessCost {
  /** In milliseconds. */
  readonly cpu: number;
  /** In milliseconds. */
  readonly wall: number;
  /** The most memory it had, in MB of a million bytes. */
  readonly peakMb: number;
}

const report = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('cost ' + JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS * 1024 / 1e6 }));
});`;
const cost = z.object({ cpu: z.number(), peakMb: z.number() });

/** Runs a program of Node.js and measures it. @throws Error when it does not end well */
export async function processCost(
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ProcessCost> {
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(report)}`, ...args],
    { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [status]: unknown[] = await once(child, 'close');
  const wall = performance.now() - begun;
  const told = /cost (\{.*\})/.exec(errors)?.[1];
  if (status !== 0 || told === undefined)
    throw new Error(`${args.join(' ')} ended with ${status}: ${errors}`);
  return { ...cost.parse(JSON.parse(told)), wall };
}
