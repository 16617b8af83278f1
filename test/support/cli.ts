import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { clockVariables } from '../../local/fc/machine-clock.ts';
import { type CliResult, runInHost } from './command-host.ts';
import { checkDocuments } from './documents.ts';
import { removeFolder } from './remove-folder.ts';

export type { CliResult };

/** The built command, as `npx holdfast` runs it. */
export const holdfast = resolve('dist/cli/holdfast.js');

export interface CliOptions {
  /**
   * The whole environment but PATH: nothing of this machine's leaks in, neither profiles nor the role of the instance that
   * the tests run on.
   */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard input; empty unless given. */
  readonly input?: string;
  /** The width of a terminal, whose lines are looked at; a pipe unless given. */
  readonly columns?: number;
}

/** Starts the built command; it is ended with the test at the latest. */
export function startCli(args: readonly string[], { env = {}, cwd }: CliOptions = {}) {
  const child = spawn(process.execPath, [holdfast, ...args], {
    env: environmentOf(env),
    ...(cwd === undefined ? {} : { cwd }),
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** What Node.js or a package reads when it starts, and not again: a run that sets it needs a process of its own. */
const readAtStart = /^(CI|COLUMNS|FORCE_COLOR|LANG|LC_|NODE_|NO_COLOR|TERM|TZ)/;

/**
 * Runs the built command to its end, with pipes and no terminal. It runs in a process that has run others before, see
 * {@link runInHost}; {@link runProcess} starts one, for tests of how a process starts and ends. What it prints with --json is
 * held to its schema, and how far it is, which it says when it takes long, is left out.
 */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { env = {}, cwd = process.cwd(), input = '', columns } = options;
  // With --log a command writes to the descriptor itself, as functions do.
  const needsProcess = args.includes('--log') || Object.keys(env).some((name) => readAtStart.test(name));
  const result = needsProcess
    ? await runProcess(args, options)
    : await runInHost({ args, env: environmentOf(env), cwd, input, columns });
  checkDocuments(args, result.stdout);
  return { ...result, stderr: withoutProgress(result.stderr) };
}

/** Leaves out the lines that tell every five seconds how far a command is: a test that meets them runs on a busy machine. */
const withoutProgress = (stderr: string): string =>
  stderr.replaceAll(/^(?:\[[= ]{24}\] \d+ %, .*|[\d,]+ [\w ]+, .*\d\/s)\n/gm, '');

/** Runs the built command to its end in a process of its own. */
export async function runProcess(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

const noCredentials = { HOME: '/nonexistent', ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true' };

const environmentOf = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  ...noCredentials,
  PATH: process.env['PATH'] ?? '',
  ...clockVariables(),
  ...env,
});

/** Writes files into a folder of their own, which goes away with the test; returns the folder. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  onTestFinished(() => removeFolder(folder));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** What a command needs to know of an embedded cloud. */
export function cloudEnvironment(url: string, key: AccessKey = ownAccessKey): Record<string, string> {
  return {
    HOLDFAST_OSS_ENDPOINT: url,
    ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
  };
}

interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

const ownAccessKey: AccessKey = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
