import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { startInstance } from '../local/fc/instance.ts';
import type { FunctionError, InvocationContext } from '../local/fc/messages.ts';
import { failure } from '../shared/platform/errors.ts';
import { parseObjectUrl } from '../shared/rules/source.ts';
import { addCloudOptions, type CloudOptions, readCredentials } from './cloud-options.ts';
import { logLine } from './log-line.ts';
import { color } from './output.ts';
import { readText } from './read-text.ts';

interface Options extends CloudOptions {
  readonly json?: boolean;
  readonly event: string;
  readonly function?: string;
  readonly rules?: string;
  readonly dryRun?: boolean;
}

export function configure(command: Command): void {
  addCloudOptions(
    command
      .requiredOption('-e, --event <file>', 'the event as JSON; - reads standard input')
      .option(
        '-f, --function <name>',
        'function to run (default: policy-timer for the event of a timer, else object-created)',
      )
      .option(
        '--rules <file>',
        "rules file, or oss://bucket/key (HOLDFAST_RULES; default: the function's own)",
      )
      .option('--dry-run', 'observe and decide, and send no write'),
  ).action(simulate);
}

/** As long as Function Compute would wait for the slower of the functions. */
const timeoutSeconds = 300;
const memoryMb = 512;

/** Runs the built code of a function as Function Compute does: initializer, then handler, in its own process. */
async function simulate(options: Options): Promise<void> {
  const event = await readText(options.event);
  const name = options.function ?? functionFor(event, options.event);
  const codeFolder = resolve(import.meta.dirname, '..', name);
  const file = join(codeFolder, 'index.js');
  if (!existsSync(file)) throw failure('FUNCTION_NOT_BUILT', { name, file });

  const context = contextFor(name, options);
  const instance = startInstance({
    bootstrap: resolve(import.meta.dirname, '../local/instance.js'),
    codeFolder,
    environment: environmentFor(options),
    memorySize: memoryMb,
    offsetMs: 0,
  });
  try {
    const started = await instance.initialize('index.initializer', context, timeoutSeconds * 1000);
    const ended = started.ok
      ? await instance.invoke('index.handler', context, Buffer.from(event), timeoutSeconds * 1000)
      : started;
    const logs = started === ended ? started.logs : [...started.logs, ...ended.logs];
    print(
      name,
      logs,
      ended.ok ? { result: readJson(ended.body.toString()) } : { error: ended.error },
      options,
    );
  } finally {
    await instance.kill();
  }
}

/** @throws EVENT_MALFORMED for what is no JSON */
function functionFor(event: string, file: string): string {
  try {
    const parsed: unknown = JSON.parse(event);
    const fromTimer = typeof parsed === 'object' && parsed !== null && 'triggerTime' in parsed;
    return fromTimer ? 'policy-timer' : 'object-created';
  } catch (cause) {
    throw failure(
      'EVENT_MALFORMED',
      { reason: `${file === '-' ? 'standard input' : file} is not JSON` },
      { cause },
    );
  }
}

function contextFor(name: string, { region }: Options): InvocationContext {
  const { accessKeyId, accessKeySecret, securityToken } = readCredentials();
  return {
    requestId: randomUUID(),
    // Function Compute always has a token; the functions take an empty one for none.
    credentials: { accessKeyId, accessKeySecret, securityToken: securityToken ?? '' },
    function: { name, handler: 'index.handler', memory: memoryMb, timeout: timeoutSeconds },
    service: { logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
    region,
    accountId: '',
  };
}

function environmentFor({ region, endpoint, rules, dryRun }: Options): Record<string, string> {
  const place = rules ?? process.env['HOLDFAST_RULES'] ?? '';
  return {
    PATH: process.env['PATH'] ?? '',
    TZ: 'UTC',
    HOLDFAST_REGION: region,
    // The functions' default is the internal endpoint, which is reachable inside the region only.
    HOLDFAST_OSS_ENDPOINT: endpoint ?? `https://oss-${region}.aliyuncs.com`,
    HOLDFAST_RULES: place === '' || parseObjectUrl(place) ? place : resolve(place),
    HOLDFAST_DRY_RUN: String(dryRun === true),
    HOLDFAST_LOG_LEVEL: process.env['HOLDFAST_LOG_LEVEL'] ?? 'info',
  };
}

type Ending = { readonly result: unknown } | { readonly error: FunctionError };

/** For people one readable line a decision; for machines the function's own lines, and last how it ended. */
function print(name: string, logs: readonly string[], ending: Ending, { json }: Options): void {
  const lines =
    json === true ? [...logs, JSON.stringify(ending)] : [...logs.map(logLine), inWords(name, ending)];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = 'error' in ending ? 1 : 0;
}

function inWords(name: string, ending: Ending): string {
  if ('error' in ending) {
    return `${color.red(`${name} failed:`)} ${ending.error.errorType}: ${ending.error.errorMessage}`;
  }
  return `${color.green(`${name} succeeded:`)} ${JSON.stringify(ending.result)}`;
}

function readJson(text: string): unknown {
  return text === '' ? null : JSON.parse(text);
}
