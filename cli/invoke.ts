import type { Command } from 'commander';
import type { FunctionInvoker, InvokeResult } from '../shared/function-compute/port.ts';
import { profileOption, regionOption, takeRegionOfProfile } from './options/cloud-options.ts';
import {
  accountOption,
  addressOption,
  type FunctionPlace,
  functionAccess,
} from './options/function-options.ts';
import { readText } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import { logLine } from './terminal/log-line.ts';
import { color, type Report, show } from './terminal/output.ts';

interface Options {
  readonly json?: boolean;
  readonly event?: string;
  readonly async?: boolean;
  readonly taskId?: string;
  readonly region: string;
  readonly account?: string;
  readonly endpoint?: string;
  readonly profile?: string;
}

export function configure(command: Command): void {
  command
    .argument('<function>', 'name of a deployed function, such as holdfast-policy-timer')
    .option('-e, --event <file>', 'the event it gets; - reads standard input (default: {})')
    .option('--async', 'queue the event and do not wait')
    .option('--task-id <id>', 'queue it once, however often it is sent with this id; needs --async')
    .addOption(regionOption('region of the function'))
    .addOption(profileOption())
    .addOption(accountOption('account of the function'))
    .addOption(addressOption('--endpoint'))
    .addHelpText(
      'after',
      '\nExit code 1 when the function failed. Credentials come from the same places as for `holdfast plan`.' +
        '\nOn the embedded cloud: HOLDFAST_FC_ENDPOINT=http://127.0.0.1:9000',
    )
    .hook('preAction', takeRegionOfProfile)
    .action(async (name: string, options: Options) => show(await invoke(name, options), options));
}

async function invoke(name: string, options: Options): Promise<Report> {
  if (options.taskId !== undefined && options.async !== true) {
    throw usage('--task-id needs --async');
  }
  const event = options.event === undefined ? '{}' : await readText(options.event);
  const invoker = await connectFunctions(options);
  return options.async === true
    ? await start(invoker, name, event, options.taskId)
    : ended(name, await invoker.invoke(name, event));
}

/**
 * Makes the client of deployed functions; its packages are loaded only now.
 * @throws what {@link functionAccess} throws
 */
export async function connectFunctions(place: FunctionPlace): Promise<FunctionInvoker> {
  const access = await functionAccess(place);
  const { createInvoker } = await import('../shared/function-compute/fc2.ts');
  return createInvoker(access);
}

async function start(
  invoker: FunctionInvoker,
  name: string,
  event: string,
  taskId: string | undefined,
): Promise<Report> {
  const outcome = await invoker.start(name, event, taskId);
  const task = taskId === undefined ? '' : ` as task ${taskId}`;
  const text =
    outcome === 'accepted'
      ? `${color.green(`${name} accepted`)} the event${task}`
      : `${color.yellow(`${name} knows`)} task ${taskId} already; nothing was queued`;
  return { text, json: { function: name, taskId, outcome } };
}

function ended(name: string, result: InvokeResult): Report {
  const { requestId, logs } = result;
  const lines = logs.map((line) => logLine(line, 'oss'));
  if (result.ok) {
    const answer = readJson(result.body);
    return {
      text: [...lines, `${color.green(`${name} succeeded:`)} ${JSON.stringify(answer)}`].join('\n'),
      json: { function: name, requestId, result: answer, logs },
    };
  }
  const { error, condition } = result;
  const said = `${error.errorType}: ${error.errorMessage}`;
  return {
    text: [...lines, `${color.red(`${name} failed:`)} ${said} (${condition}, request id ${requestId})`].join(
      '\n',
    ),
    json: { function: name, requestId, condition, error, logs },
    exitCode: 1,
  };
}

/** Tells what the function answered, as JSON if it is some. */
function readJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
