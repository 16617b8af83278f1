import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { clockVariables } from '../../local/fc/machine-clock.ts';
import { mattersSettleMs } from '../../shared/matters/age.ts';

/** One run of the command. */
export interface CommandRun {
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input: string;
  /** The width of its terminal; undefined: a pipe. */
  readonly columns: number | undefined;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Processes that have the built command loaded and wait for the next run. They live as long as the tests' own process. */
const idle: ChildProcess[] = [];

/**
 * Runs the built command in a process that has run others before: starting one for each run was half of the time of all tests.
 * It does not wait until each function knows of a matter: a test that has functions lets the cloud's time pass.
 * @throws Error when the command ended its process
 */
export async function runInHost(run: CommandRun): Promise<CliResult> {
  const host = idle.pop() ?? (await startHost());
  const ended = new AbortController();
  onTestFinished(() => {
    if (!ended.signal.aborted) host.kill('SIGKILL'); // the test gave up on it
  });
  const gone = once(host, 'close', { signal: ended.signal }).then(([code, signal]) => {
    const cause: unknown = host.stderr?.read(); // of a crash; what the command says comes with its result
    throw new Error(`holdfast ${run.args.join(' ')} ended its process: ${code ?? signal} ${cause ?? ''}`);
  });
  host.send({ ...run, skippedMs: mattersSettleMs });
  try {
    const [result]: CliResult[] = await Promise.race([once(host, 'message', { signal: ended.signal }), gone]);
    if (result === undefined) throw new Error('the command host sent nothing');
    idle.push(host);
    return result;
  } finally {
    ended.abort();
    gone.catch(() => undefined);
  }
}

async function startHost(): Promise<ChildProcess> {
  const program = pathToFileURL(resolve('dist/cli/program.js')).href;
  const host = spawn(process.execPath, [resolve('test/support/command-host.js'), program], {
    env: { PATH: process.env['PATH'] ?? '', ...clockVariables() },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  await once(host, 'message');
  for (const handle of [host, host.channel, host.stderr]) if (handle && 'unref' in handle) handle.unref();
  return host;
}
