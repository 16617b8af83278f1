import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../shared/platform/clock.ts';
import { installVirtualDate, setOffset } from './instance-date.ts';
import { endOfOutput, type InvocationContext, type Order, type Reply } from './messages.ts';

/**
 * The program that runs inside the process of a function instance: it loads the code and serves one request at a
 * time, as told over IPC. It ends with its parent.
 */

type Callback = (error: unknown, result?: unknown) => void;
type Exported = (...args: unknown[]) => unknown;

installVirtualDate(Number(process.env['HOLDFAST_LOCAL_OFFSET_MS'] ?? 0));
delete process.env['HOLDFAST_LOCAL_OFFSET_MS'];

process.on('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  if (order.kind === 'shift') setOffset(order.offsetMs);
  else void serve(order);
});

async function serve(order: Exclude<Order, { kind: 'shift' }>): Promise<void> {
  const { requestId } = order.context;
  const context = { ...order.context, logger: logger(requestId) };
  const args = order.kind === 'invoke' ? [Buffer.from(order.event, 'base64'), context] : [context];
  const reply = await run(order.handler, args).then(
    (value): Reply => ({ kind: 'result', requestId, body: toBody(value).toString('base64') }),
    (thrown: unknown): Reply => ({ kind: 'error', requestId, error: describe(thrown) }),
  );
  for (const stream of [process.stdout, process.stderr]) stream.write(`${endOfOutput(requestId)}\n`);
  process.send?.(reply);
}

/** Calls `file.export` of the code folder; returns what it returns, resolves to, or hands to its callback. */
async function run(handler: string, args: readonly unknown[]): Promise<unknown> {
  const exported = await load(handler);
  return await new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => (error ? reject(error) : resolve(result));
    const returned = exported(...args, callback);
    const usesCallback = exported.length > args.length && !(returned instanceof Promise);
    if (!usesCallback) resolve(returned);
  });
}

async function load(handler: string): Promise<Exported> {
  const dot = handler.lastIndexOf('.');
  const file = join(process.cwd(), `${handler.slice(0, dot)}.js`);
  const name = handler.slice(dot + 1);
  const loaded: { default?: Record<string, unknown> } & Record<string, unknown> = await import(
    pathToFileURL(file).href
  );
  const exported = loaded[name] ?? loaded.default?.[name];
  if (!isFunction(exported)) throw new TypeError(`${handler}: ${file} exports no function ${name}`);
  return exported;
}

function isFunction(value: unknown): value is Exported {
  return typeof value === 'function';
}

function toBody(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.from(value === undefined ? '' : JSON.stringify(value));
}

function describe(thrown: unknown): { errorMessage: string; errorType: string; stackTrace: string[] } {
  if (!(thrown instanceof Error)) return { errorMessage: String(thrown), errorType: 'Error', stackTrace: [] };
  const stackTrace = (thrown.stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
  return { errorMessage: thrown.message, errorType: thrown.name, stackTrace };
}

/** `context.logger`: lines with time, request id and level before the message (Function Compute, logs). */
function logger(requestId: InvocationContext['requestId']) {
  const at =
    (level: string) =>
    (...parts: unknown[]) => {
      const time = systemClock.now().toISOString();
      process.stdout.write(`${time} ${requestId} [${level}] ${parts.map(String).join(' ')}\n`);
    };
  return { debug: at('verbose'), info: at('info'), warn: at('warn'), error: at('error'), log: at('info') };
}
