import { createRequire } from 'node:module';
import { join } from 'node:path';
import { graphContext } from './instance-graph.ts';
import { requestLogger } from './instance-log.ts';
import type { FunctionError, Reply, Work } from './messages.ts';

type Callback = (error: unknown, result?: unknown) => void;
type Exported = (...args: unknown[]) => unknown;

/** Finds the function that a handler of s.yaml names, `file.export`. */
export type LoadHandler = (handler: string) => Exported;

/** Runs the initializer or the handler that an order names; what it throws is a reply too. */
export async function answer(work: Work, load: LoadHandler): Promise<Reply> {
  const { requestId } = work.context;
  try {
    const body = toBody(await run(load(work.handler), work));
    return { kind: 'result', requestId, body: body.toString('base64') };
  } catch (thrown) {
    return { kind: 'error', requestId, error: describe(thrown) };
  }
}

/** Calls a function; returns what it returns, resolves to, or hands to its callback. */
async function run(exported: Exported, work: Work): Promise<unknown> {
  const args = argumentsOf(work);
  // FunctionGraph documents no promise of an initializer: it waits for the callback.
  const onlyCallback = 'platform' in work.context && work.kind === 'initialize';
  return await new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => (error ? reject(error) : resolve(result));
    const returned = exported(...args, callback);
    const usesCallback = exported.length > args.length && !(returned instanceof Promise);
    if (!usesCallback && !onlyCallback) resolve(returned);
  });
}

/** Function Compute hands over bytes, FunctionGraph the parsed event. */
function argumentsOf(work: Work): readonly unknown[] {
  const { context } = work;
  const isGraph = 'platform' in context;
  const logger = requestLogger(() => context.requestId);
  const given = isGraph ? graphContext(context, logger) : { ...context, logger };
  if (work.kind === 'initialize') return [given];
  const event = Buffer.from(work.event, 'base64');
  return [isGraph ? JSON.parse(event.toString('utf8')) : event, given];
}

/**
 * Finds the functions of a code folder. The bundles are CommonJS; `import` would parse them twice.
 * @param require that of Node.js unless given
 */
export function handlersIn(
  codeFolder: string,
  require: (file: string) => Readonly<Record<string, unknown>> = createRequire(import.meta.url),
): LoadHandler {
  const loaded = new Map<string, Exported>();
  return (handler) => {
    const known = loaded.get(handler);
    if (known) return known;
    const dot = handler.lastIndexOf('.');
    const file = join(codeFolder, `${handler.slice(0, dot)}.js`);
    const name = handler.slice(dot + 1);
    const exported = require(file)[name];
    if (!isFunction(exported)) throw new TypeError(`${handler}: ${file} exports no function ${name}`);
    loaded.set(handler, exported);
    return exported;
  };
}

function isFunction(value: unknown): value is Exported {
  return typeof value === 'function';
}

function toBody(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.from(value === undefined ? '' : JSON.stringify(value));
}

function describe(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorMessage: String(thrown), errorType: 'Error', stackTrace: [] };
  const stackTrace = (thrown.stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
  return { errorMessage: thrown.message, errorType: thrown.name, stackTrace };
}
