import { unzipSync } from 'fflate';
import * as z from 'zod';
import { failure, hasCode } from '../platform/errors.ts';
import type { DeployedFunction, FunctionCatalog } from './catalog-port.ts';
import { connectFc, type InvokerOptions } from './client.ts';
import { invocationError } from './errors.ts';

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

const code = z.object({ url: z.url() });

const tasks = z.object({
  tasks: z.array(z.object({ status: z.string(), startedTime: z.number() })).nullish(),
});

const answerMs = 10_000;

/** Reads what is deployed on Function Compute (fc20230330, 2026). */
export function createCatalog(options: InvokerOptions): FunctionCatalog {
  const client = connectFc(options, answerMs);
  const { address } = client;

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
    const [issue] = parsed.error.issues;
    const reason = `${issue?.path.join('.')}: ${issue?.message}`;
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
      return await download(url, name);
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

/** Code is handed out as a zip behind a URL that carries its own signature, and no secret of the caller's. */
async function download(url: string, name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const operation = 'GetFunctionCode';
  const target = `the code of function ${name}`;
  const { origin } = new URL(url);
  const unreachable = (reason: string, cause?: unknown) =>
    failure('UNREACHABLE', { operation, target, endpoint: origin, reason }, { cause });
  const reply = await fetch(url, { signal: AbortSignal.timeout(downloadMs) }).catch((cause: unknown) => {
    throw unreachable(cause instanceof Error ? cause.message : 'unknown reason', cause);
  });
  if (!reply.ok) throw unreachable(`status ${reply.status}`);
  const zip = new Uint8Array(await reply.arrayBuffer());
  try {
    return new Map(Object.entries(unzipSync(zip)).filter(([path]) => !path.endsWith('/')));
  } catch (cause) {
    throw failure('UNEXPECTED_REPLY', { operation, target, reason: 'it is no zip' }, { cause });
  }
}
