import { unzipSync } from 'fflate';
import * as z from 'zod';
import { failure, hasCode } from '../platform/errors.ts';
import { firstIssue } from '../platform/first-issue.ts';
import type { Connections } from '../storage/oss/connections.ts';
import { exchange } from '../storage/oss/exchange.ts';
import type { WireRequest } from '../storage/oss/wire.ts';
import type { DeployedFunction, FunctionCatalog } from './catalog-port.ts';
import { connectFc, type InvokerOptions, originOf } from './client.ts';
import { invocationError, unansweredBy } from './errors.ts';

const optionalText = z
  .string()
  .optional()
  .transform((text) => text || undefined);

const deployedFunction = z.object({
  runtime: z.string(),
  handler: z.string(),
  role: optionalText,
  timeout: z.number(),
  memorySize: z.number(),
  cpu: z.number(),
  environmentVariables: z.record(z.string(), z.string()).nullish(),
  instanceLifecycleConfig: z.object({ initializer: z.object({ handler: optionalText }).nullish() }).nullish(),
  logConfig: z
    .object({ project: optionalText, logstore: optionalText, logBeginRule: optionalText })
    .nullish(),
});

const asyncConfig = z.object({
  maxAsyncRetryAttempts: z.number().optional(),
  maxAsyncEventAgeInSeconds: z.number().optional(),
  asyncTask: z.boolean().nullish(),
  destinationConfig: z.object({ onFailure: z.object({ destination: optionalText }).nullish() }).nullish(),
});

/** `triggerConfig` comes as JSON in a string. */
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const triggers = z.object({
  triggers: z.array(
    z.object({
      triggerName: z.string(),
      triggerType: z.string(),
      sourceArn: optionalText,
      invocationRole: optionalText,
      triggerConfig: json,
    }),
  ),
  nextToken: optionalText,
});

const code = z.object({ url: z.url({ protocol: /^https?$/ }) });

const tasks = z.object({
  tasks: z.array(z.object({ status: z.string(), startedTime: z.number() })).nullish(),
});

const answerMs = 10_000;

/** Reads what is deployed on Function Compute (fc20230330, 2026). */
export function createCatalog(options: InvokerOptions): FunctionCatalog {
  const client = connectFc(options, answerMs);
  const { address, connections } = client;

  const read = async <Result>(
    name: string,
    operation: string,
    path: string,
    form: z.ZodType<Result>,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Result> => {
    const { data } = await client
      .get(`/functions/${encodeURIComponent(name)}${path}`, query)
      .catch((error: unknown) => {
        throw invocationError(error, name, address, operation);
      });
    const parsed = form.safeParse(data);
    if (parsed.success) return parsed.data;
    const reason = firstIssue(parsed.error, 'the reply');
    throw failure('UNEXPECTED_REPLY', { operation, target: `function ${name}`, reason });
  };

  return {
    async getFunction(name) {
      const found = await read(name, 'GetFunction', '', deployedFunction).catch(missing);
      return found && toFunction(found);
    },
    async getAsyncConfig(name) {
      const operation = 'GetFunctionAsyncInvokeConfig';
      const found = await read(name, operation, '/async-invoke-config', asyncConfig).catch(missing);
      if (found === undefined) return undefined;
      const { maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds, asyncTask, destinationConfig } = found;
      return {
        maxAsyncRetryAttempts,
        maxAsyncEventAgeInSeconds,
        failureDestination: destinationConfig?.onFailure?.destination,
        asyncTask: asyncTask ?? false,
      };
    },
    async listTriggers(name) {
      const all: z.infer<typeof triggers>['triggers'] = [];
      for (let token: string | undefined = ''; token !== undefined; ) {
        const query: Record<string, string> = { limit: '100', ...(token && { nextToken: token }) };
        const page = await read(name, 'ListTriggers', '/triggers', triggers, query);
        all.push(...page.triggers);
        token = page.nextToken;
      }
      return all.map(({ triggerConfig: config, ...trigger }) => ({ ...trigger, config }));
    },
    async getCode(name) {
      const { url } = await read(name, 'GetFunctionCode', '/code', code);
      return await download(url, name, connections);
    },
    async listRuns(name) {
      const query = { sortOrderByTime: 'desc', limit: '20' };
      const found = await read(name, 'ListAsyncTasks', '/async-tasks', tasks, query);
      return (found.tasks ?? []).map(({ status, startedTime }) => ({
        status,
        startedAt: new Date(startedTime),
      }));
    },
  };
}

function toFunction(found: z.infer<typeof deployedFunction>): DeployedFunction {
  const { environmentVariables, instanceLifecycleConfig, logConfig, ...plain } = found;
  return {
    ...plain,
    environmentVariables: environmentVariables ?? {},
    initializer: instanceLifecycleConfig?.initializer?.handler,
    log: {
      project: logConfig?.project,
      logstore: logConfig?.logstore,
      beginRule: logConfig?.logBeginRule,
    },
  };
}

/** Takes what is not there for an answer: a function, or a configuration of its own. */
function missing(error: unknown): undefined {
  if (hasCode(error, 'NO_SUCH_FUNCTION')) return undefined;
  throw error;
}

const downloadMs = 60_000;

/** The largest code that Function Compute takes (limits: 500 MB). */
const mostOfCode = 500 * 1024 * 1024;

/** Code is handed out as a zip behind a URL that carries its own signature, and no secret of the caller's. */
async function download(
  url: string,
  name: string,
  connections: Connections,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const operation = 'GetFunctionCode';
  const target = `the code of function ${name}`;
  const { origin, hostname, host, pathname, search } = new URL(url);
  const wire: WireRequest = {
    method: 'GET',
    route: connections.route(originOf(url)),
    servername: hostname,
    target: `${pathname}${search}`,
    headers: ['host', host],
    body: undefined,
  };
  const { head, body } = await exchange(wire, { ms: downloadMs, isDeadline: false }, () => mostOfCode).catch(
    (error: unknown) => {
      throw unansweredBy(error, { operation, target, endpoint: origin });
    },
  );
  if (head.status !== 200) {
    throw failure('UNREACHABLE', { operation, target, endpoint: origin, reason: `status ${head.status}` });
  }
  try {
    return new Map(Object.entries(unzipSync(body)).filter(([path]) => !path.endsWith('/')));
  } catch (cause) {
    throw failure('UNEXPECTED_REPLY', { operation, target, reason: 'it is no zip' }, { cause });
  }
}
