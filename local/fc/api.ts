import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { second } from '../../shared/platform/instant.ts';
import { readBody, sendJson } from '../http.ts';
import { type FcAccess, refuseAccess } from './access.ts';
import { type Answer, missing, refuse } from './api-answer.ts';
import { type CatalogOptions, createCatalogApi, isCodePath } from './api-catalog.ts';
import { answerTasks } from './api-tasks.ts';
import type { FunctionRuntime } from './runtime.ts';
import { keyIdOf, refuseSignature } from './signature.ts';
import type { FcVerifier } from './signature-refusal.ts';
import { logTail } from './transcript.ts';

const largestSync = 32 * 1024 * 1024;
const largestAsync = 128 * 1024;
const longestDelay = 3600;
const root = '/2023-03-30/functions/';

/** A request whose signature is right, for a function that exists. */
interface Call {
  readonly method: string;
  /** What follows the function's name: `invocations`, `async-tasks/ID`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly functionName: string;
  /** Nothing when it was too large. */
  readonly body: Buffer | undefined;
}

/** Whether a path belongs to the API. */
export function isFunctionPath(path: string): boolean {
  return path.startsWith(root) || isCodePath(path);
}

/**
 * Function Compute's API as far as it invokes: `POST /2023-03-30/functions/NAME/invocations`, synchronous, or queued
 * with `x-fc-invocation-type: Async` (202), as a task when it names one; the tasks; and what tells of functions and
 * their triggers (fc20230330 4.7.6).
 */
export function createFunctionApi(
  options: { readonly fc: FunctionRuntime } & FcVerifier & FcAccess & CatalogOptions,
) {
  const { fc } = options;
  const catalog = createCatalogApi(options);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method = '', headers } = request;
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://fc');
    if (isCodePath(path)) return catalog.fetch(request.url ?? '');
    const body = await readBody(request, isAsync(headers) ? largestAsync : largestSync);
    const [functionName = '', ...rest] = path.slice(root.length).split('/');
    const asked = { accessKeyId: keyIdOf(headers), method, functionName, path: rest.join('/') };
    const [target = '', sent = ''] = (request.url ?? '').split('?', 2);
    const refusal =
      refuseSignature({ method, path: target, query: sent, headers, body }, options) ??
      refuseAccess(options, asked);
    if (refusal) return refuse(refusal);
    const props = fc.functions.get(functionName);
    if (props === undefined) {
      return refuse(missing('FunctionNotFound', `function '${functionName}' does not exist`));
    }
    return await serve({ method, path: rest.join('/'), query, headers, functionName, body }, props);
  };

  const serve = async (call: Call, props: FunctionProps): Promise<Answer> => {
    const { method, path, query } = call;
    const unserved = notServed(method, `${props.functionName}/${path}?${query}`);
    if ((query.get('qualifier') ?? 'LATEST') !== 'LATEST') return unserved;
    if (method === 'POST' && path === 'invocations') return await invoke(fc, call);
    const told = catalog.answer({ method, path, props });
    return told ?? answerTasks(fc.tasks, call) ?? unserved;
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, headers, body } = await answer(request);
    response.setHeader('x-fc-request-id', randomUUID());
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    if (Buffer.isBuffer(body)) {
      response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(body);
    } else if (body === undefined) response.writeHead(status).end();
    else sendJson(response, status, body);
  };
}

function isAsync(headers: IncomingHttpHeaders): boolean {
  return String(headers['x-fc-invocation-type']).toLowerCase() === 'async';
}

async function invoke(fc: FunctionRuntime, call: Call): Promise<Answer> {
  const { functionName, headers, body } = call;
  if (!body) {
    const limit = isAsync(headers) ? largestAsync : largestSync;
    return refuse({
      status: 400,
      code: 'EntityTooLarge',
      message: `payload size exceeds maximum allowed size (${limit} bytes)`,
    });
  }
  if (isAsync(headers)) return enqueue(fc, functionName, headers, body);
  if (fc.throttled(functionName)) {
    const message = `function '${functionName}' has as many instances as it may have`;
    return refuse({ status: 429, code: 'ResourceExhausted', message });
  }
  const { invocation, outcome } = await fc.invoke(functionName, body);
  const wantsLog = String(headers['x-fc-log-type']).toLowerCase() === 'tail';
  return {
    status: 200,
    headers: {
      'x-fc-request-id': invocation.requestId,
      ...(wantsLog ? { 'x-fc-log-result': logTail(outcome.transcript) } : {}),
      ...(outcome.ok ? {} : { 'x-fc-error-type': outcome.condition }),
    },
    body: outcome.ok ? outcome.body : outcome.error,
  };
}

function enqueue(fc: FunctionRuntime, name: string, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const delay = Number(headers['x-fc-async-delay'] ?? 0);
  if (!(delay >= 0 && delay < longestDelay)) return invalid('x-fc-async-delay is not 0 to 3599 seconds');
  const taskId = headers['x-fc-async-task-id'] ?? headers['x-fc-stateful-async-invocation-id'];
  if (taskId === undefined) {
    return { status: 202, headers: { 'x-fc-request-id': fc.submit(name, body, delay * second) } };
  }
  if (!/^[A-Za-z_][\w-]{0,127}$/.test(String(taskId))) {
    return invalid(`${taskId} is no task id: letters, digits, _ and -, 128 at most, no digit first`);
  }
  const requestId = fc.startTask(name, String(taskId), body, delay * second);
  if (requestId !== undefined) return { status: 202, headers: { 'x-fc-request-id': requestId } };
  const message = `task '${taskId}' of function '${name}' already exists`;
  return refuse({ status: 409, code: 'StatefulAsyncInvocationAlreadyExists', message });
}

const invalid = (message: string) => refuse({ status: 400, code: 'InvalidArgument', message });

const notServed = (method: string, path: string) =>
  refuse({
    status: 501,
    code: 'NotImplemented',
    message: `${method} ${path} is not served by the embedded cloud`,
  });
