import type { Command } from 'commander';
import { failure } from '../shared/platform/errors.ts';
import { addCloudOptions } from './cloud-options.ts';
import { type Ending, type LocalOptions, startFunction } from './local-function.ts';
import { logLine } from './log-line.ts';
import { color } from './output.ts';
import { readText } from './read-text.ts';

interface Options extends LocalOptions {
  readonly json?: boolean;
  readonly event: string;
  readonly function?: string;
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

/** Runs the built code of a function as Function Compute does: initializer, then handler, in its own process. */
async function simulate(options: Options): Promise<void> {
  const event = await readText(options.event);
  const name = options.function ?? functionFor(event, options.event);
  const local = startFunction(name, options);
  try {
    const { logs, ending } = await local.run(Buffer.from(event));
    print(name, logs, ending, options);
  } finally {
    await local.kill();
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
