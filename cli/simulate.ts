import type { Command } from 'commander';
import { type OwnFunction, ownFunctions } from '../shared/dead-letters/own-functions.ts';
import { failure } from '../shared/platform/errors.ts';
import { visible } from '../shared/platform/visible.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import {
  addRulesOptions,
  type Cloud,
  connect,
  type RulesOptions,
  readRules,
} from './options/cloud-options.ts';
import { readText } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import { confirmWord } from './terminal/confirm.ts';
import { logLine } from './terminal/log-line.ts';
import { color, print, printJson } from './terminal/output.ts';
import { evidenceOf } from './world/evidence.ts';
import { type Ending, startFunction } from './world/local-function.ts';
import { serviceOffsetMs } from './world/service-time.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly event: string;
  readonly function?: string;
  readonly write?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export function configure(command: Command): void {
  addRulesOptions(
    command
      .requiredOption('-e, --event <file>', 'the event as JSON; - reads standard input')
      .option(
        '-f, --function <name>',
        'function to run (default: policy-timer for the event of a timer, else object-created)',
      )
      .option('--write', 'let its writes through; asks first')
      .option('--yes', 'with --write: do not ask')
      .option('--dry-run', 'send no write, which is the default'),
  )
    .addHelpText('after', help)
    .action(simulate);
}

const help = `
It runs with your credentials, by the rules that it names, at the service's time. Without --write nothing is written at
all: no retention, no policy, no dead letter, no evidence. With --write it asks for the word to be typed, or takes --yes.`;

/** Runs the built code of a function as the platform of its cloud does: initializer, then handler, in its own process. */
async function simulate(options: Options): Promise<void> {
  if (options.write === true && options.dryRun === true) throw usage('give --write or --dry-run, not both');
  if (options.yes === true && options.write !== true) throw usage('--yes answers the question of --write');
  const event = await readText(options.event);
  const name = functionFor(options.function, event, options.event);
  const cloud = await connect(options);
  const rules = await readRules(options);
  const hash = hashRules(rules);
  const write = options.write === true;
  const offsetMs = await serviceOffsetMs(cloud);
  if (write && options.yes !== true) {
    await confirmWord('write', `run ${name} on this event and send its writes, by ${options.rules}`);
  }
  const local = startFunction(name, { ...options, write, offsetMs });
  try {
    if (options.json === true) {
      const about = { rules: { source: options.rules, hash }, dryRun: !write };
      printJson(JSON.stringify({ format: 'holdfast.simulate/1', ...about }));
    } else {
      const mode = write ? 'its writes are sent' : 'no write is sent (--write sends them)';
      print(color.dim(`by ${options.rules} (rules ${hash.slice(0, 19)}); ${mode}`));
    }
    const { logs, ending } = await local.run(Buffer.from(event));
    show(name, logs, ending, options);
    if (write) await keepEvidence({ ...cloud, rules }, name, ending);
  } finally {
    await local.kill();
  }
}

/** Notes that a person ran a function by hand; the function's own records say what it did. */
async function keepEvidence(
  deps: Cloud & Parameters<typeof evidenceOf>[1],
  name: OwnFunction,
  ending: Ending,
): Promise<void> {
  const outcome = 'error' in ending ? { code: ending.error.errorType } : { result: ending.result };
  await evidenceOf('holdfast simulate', deps).keep([
    { action: 'simulate', function: name, ...outcome, reason: 'by hand' },
  ]);
}

/** @throws FUNCTION_NOT_BUILT for a name that is none of ours, EVENT_MALFORMED for what is no JSON */
function functionFor(wanted: string | undefined, event: string, source: string): OwnFunction {
  if (wanted === undefined) return functionOf(event, source);
  const own = ownFunctions.find((name) => name === wanted);
  if (own !== undefined) return own;
  const file = `such function among ${ownFunctions.join(', ')}`;
  throw failure('FUNCTION_NOT_BUILT', { name: visible(wanted), file });
}

function functionOf(event: string, file: string): OwnFunction {
  const source = file === '-' ? 'standard input' : file;
  if (event.trim() === '') throw failure('EVENT_MALFORMED', { reason: `${source} is empty` });
  try {
    const parsed: unknown = JSON.parse(event);
    // Function Compute, "Timer trigger"; FunctionGraph, "Timer Trigger".
    const fromTimer =
      typeof parsed === 'object' &&
      parsed !== null &&
      ('triggerTime' in parsed || ('trigger_type' in parsed && parsed.trigger_type === 'TIMER'));
    return fromTimer ? 'policy-timer' : 'object-created';
  } catch (cause) {
    throw failure('EVENT_MALFORMED', { reason: `${source} is not JSON` }, { cause });
  }
}

/** For people one readable line a decision; for machines the function's own lines, and last how it ended. */
function show(name: string, logs: readonly string[], ending: Ending, { json, cloud }: Options): void {
  process.exitCode = 'error' in ending ? 1 : 0;
  for (const line of logs) {
    if (json === true) printJson(line);
    else print(logLine(line, cloud));
  }
  if (json === true) printJson(JSON.stringify({ format: 'holdfast.simulate.ending/1', ...ending }));
  else print(inWords(name, ending));
}

function inWords(name: string, ending: Ending): string {
  if ('error' in ending) {
    return `${color.red(`${name} failed:`)} ${ending.error.errorType}: ${ending.error.errorMessage}`;
  }
  return `${color.green(`${name} succeeded:`)} ${JSON.stringify(ending.result)}`;
}
