import * as z from 'zod';
import { failure, HoldfastError } from '../platform/errors.ts';
import { firstIssue } from '../platform/first-issue.ts';
import { minute } from '../platform/instant.ts';
import { connectFc, type InvokerOptions, requestIdOf } from './client.ts';
import { invocationError } from './errors.ts';
import type { FailedTask, FunctionInvoker, ThrownError } from './port.ts';

/** It is as long as the slowest of Holdfast's functions may take, and some more. */
const slowestMs = 11 * minute;

/** Invokes functions. */
export function createInvoker(options: InvokerOptions): FunctionInvoker {
  const client = connectFc(options, slowestMs);
  const { address } = client;

  const post = async (name: string, payload: string, headers: Readonly<Record<string, string>>) => {
    const path = `/functions/${encodeURIComponent(name)}/invocations`;
    try {
      return await client.post(path, payload, headers);
    } catch (error) {
      throw invocationError(error, name, address, 'InvokeFunction');
    }
  };

  const listTasks = async (name: string, query: Readonly<Record<string, string>>): Promise<TaskPage> => {
    const path = `/functions/${encodeURIComponent(name)}/async-tasks`;
    try {
      const { data } = await client.get(path, query);
      return taskPage.parse(data);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw invocationError(error, name, address, 'ListAsyncTasks');
      const [operation, target] = ['ListAsyncTasks', `function ${name}`];
      throw failure(
        'UNEXPECTED_REPLY',
        { operation, target, reason: firstIssue(error, 'the reply') },
        { cause: error },
      );
    }
  };

  return {
    async failedTasks(name, prefix) {
      const found: FailedTask[] = [];
      for (const status of failedStatuses) {
        let page: TaskPage | undefined;
        do {
          const from = page?.nextToken === undefined ? {} : { nextToken: page.nextToken };
          page = await listTasks(name, { prefix, status, limit: '100', ...from });
          found.push(...page.tasks.map((task) => ({ status, ...task })));
        } while (page.nextToken !== undefined);
      }
      return found;
    },
    async invoke(name, payload) {
      const { header, data } = await post(name, payload, { 'x-fc-log-type': 'Tail' });
      const requestId = requestIdOf(header) ?? '';
      const logs = linesOf(header('x-fc-log-result') ?? '');
      const condition = header('x-fc-error-type');
      if (condition === undefined) return { ok: true, requestId, logs, body: toText(data) };
      return { ok: false, requestId, logs, condition, error: toThrown(data) };
    },
    async start(name, payload, taskId) {
      const task = taskId === undefined ? {} : { 'x-fc-async-task-id': taskId };
      try {
        await post(name, payload, { 'x-fc-invocation-type': 'Async', ...task });
        return 'accepted';
      } catch (error) {
        if (taskId !== undefined && statusOf(error) === 409) return 'already-known';
        throw error;
      }
    },
  };
}

/** This is how a task ends without success (fc20230330 4.7.6, ListAsyncTasks). */
const failedStatuses = ['Failed', 'Expired', 'Stopped'];

/** This is what is needed of a page of tasks. */
const taskPage = z.object({
  tasks: z
    .array(
      z
        .object({ taskId: z.string(), taskErrorMessage: z.string().optional() })
        .transform(({ taskId, taskErrorMessage: reason = '' }) => ({ taskId, reason })),
    )
    .default([]),
  nextToken: z
    .string()
    .optional()
    .transform((token) => token || undefined),
});
type TaskPage = z.infer<typeof taskPage>;

function statusOf(error: unknown): number | undefined {
  return error instanceof HoldfastError ? error.reply.status : undefined;
}

function linesOf(base64: string): string[] {
  const lines = Buffer.from(base64, 'base64').toString('utf8').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** The client hands over bytes, or what JSON it has parsed. */
function toText(data: unknown): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return typeof data === 'string' ? data : JSON.stringify(data);
}

/** Tells what a function threw; a reply of another form is kept as its message. */
function toThrown(data: unknown): ThrownError {
  const { errorMessage, errorType, stackTrace }: Partial<Record<keyof ThrownError, unknown>> = Object(data);
  return {
    errorMessage: typeof errorMessage === 'string' ? errorMessage : toText(data),
    errorType: typeof errorType === 'string' ? errorType : 'Error',
    stackTrace: Array.isArray(stackTrace) ? stackTrace.map(String) : [],
  };
}
