import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { second } from '../../shared/platform/instant.ts';
import { readBody, sendJson } from '../http.ts';
import { type FcAccess, refuseAccess, settingsIn } from './access.ts';
import { type Answer, missing, refuse } from './api-answer.ts';
import { answerTasks } from './api-tasks.ts';
import { createDeployApi, isCodePath } from './deploy/api-deploy.ts';
import type { CodeStore } from './deploy/code-store.ts';
import type { UploadToken } from './deploy/code-upload.ts';
import type { Deployment } from './deploy/deployment.ts';
import type { FunctionRuntime } from './runtime.ts';
import { keyIdOf, refuseSignature } from './signature.ts';
import type { FcVerifier } from './signature-refusal.ts';
import { logTail } from './transcript.ts';

const mebibyte = 1024 * 1024;
const largestSync = 32 * mebibyte;
const largestAsync = 128 * 1024;
/** The base64 of 100 MB, the largest package that comes in a request (fc-docs, limits 01/09), and the settings. */
const largestDeployed = 134 * mebibyte;
const longestDelay = 3600;
const version = '/2023-03-30/';
const tokenPath = '/2016-08-15/tempBucketToken';
const collections =
  /^\/2023-03-30\/(?:functions|async-invoke-configs|concurrency-configs|scaling-configs|provision-configs)(?:\/|$)/;

/** A request whose signature is right, for a function that exists. */
interface Call {
  readonly method: string;
  /** This is what follows the function's name: `invocations`, `async-tasks/ID`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly functionName: string;
  /** Nothing when it was too large. */
  readonly body: Buffer | undefined;
}

/** Tells if a path belongs to the API. @param path a query may follow it */
export function isFunctionPath(path: string): boolean {
  const mark = path.indexOf('?');
  const bare = mark < 0 ? path : path.slice(0, mark);
  return collections.test(bare) || bare === tokenPath || isCodePath(bare);
}

/** This is what the API works on. */
interface ApiOptions extends FcVerifier, FcAccess {
  readonly fc: FunctionRuntime;
  readonly deployment: Deployment;
  readonly codes: CodeStore;
  /** Hands out what uploading a package of code takes. */
  uploadToken(): UploadToken;
  /** This is where this cloud is; clients leave the port out of their Host header. */
  readonly url: string;
}

/**
 * Function Compute's API (fc20230330 4.7.6): `POST /2023-03-30/functions/NAME/invocations`, synchronous, or queued with
 * `x-fc-invocation-type: Async` (202), as a task when it names one; the tasks; and the calls that deploy functions. Of
 * the version before, only tempBucketToken, which the component fc3 still asks for.
 */
export function createFunctionApi(options: ApiOptions) {
  const { fc } = options;
  const deploy = createDeployApi(options);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method = '', headers, url = '' } = request;
    const { pathname, searchParams: query } = new URL(url, 'http://fc');
    if (isCodePath(pathname)) return deploy.fetch(url);
    const parts = partsOf(pathname);
    if (parts === undefined) {
      return refuse({ status: 400, code: 'InvalidArgument', message: 'the path cannot be decoded' });
    }
    const largest = largestBody(headers, parts);
    const body = await readBody(request, largest);
    const [path = '', sent = ''] = url.split('?', 2);
    const settings = () => settingsIn(body?.toString('utf8') ?? '');
    const asked = { accessKeyId: keyIdOf(headers), method, parts, settings };
    const refusal =
      refuseSignature({ method, path, query: sent, headers, body }, options) ?? refuseAccess(options, asked);
    if (refusal) return refuse(refusal);
    if (pathname === tokenPath) return uploadToken(method);
    const [, functionName = '', ...rest] = parts;
    if (isInvocation(parts))
      return await serve({ method, path: rest.join('/'), query, headers, functionName, body });
    return body ? await deploy.answer({ method, parts, query, body }) : tooLarge(largest);
  };

  const uploadToken = (method: string): Answer =>
    method === 'GET' ? { status: 200, body: options.uploadToken() } : notServed(method, tokenPath);

  const serve = async (call: Call): Promise<Answer> => {
    const { method, path, query, functionName } = call;
    if (!fc.functions.has(functionName)) {
      return refuse(missing('FunctionNotFound', `function '${functionName}' does not exist`));
    }
    const unserved = notServed(method, `${functionName}/${path}?${query}`);
    if ((query.get('qualifier') || 'LATEST') !== 'LATEST') return unserved;
    if (method === 'POST' && path === 'invocations') return await invoke(fc, call);
    return answerTasks(fc.tasks, call) ?? unserved;
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

/** Tells if a call runs a function, or is about its runs. */
const isInvocation = ([collection, , part]: readonly string[]): boolean =>
  collection === 'functions' && (part === 'invocations' || part === 'async-tasks');

function largestBody(headers: IncomingHttpHeaders, parts: readonly string[]): number {
  if (isAsync(headers)) return largestAsync;
  return isInvocation(parts) ? largestSync : largestDeployed;
}

/** The parts of a path behind the version; undefined when one cannot be decoded. */
function partsOf(pathname: string): readonly string[] | undefined {
  const rest = pathname.startsWith(version) ? pathname.slice(version.length) : pathname.split('/').at(-1);
  try {
    return (rest ?? '').replace(/\/$/, '').split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const tooLarge = (limit: number): Answer =>
  refuse({
    status: 400,
    code: 'EntityTooLarge',
    message: `payload size exceeds maximum allowed size (${limit} bytes)`,
  });

function isAsync(headers: IncomingHttpHeaders): boolean {
  return String(headers['x-fc-invocation-type']).toLowerCase() === 'async';
}

async function invoke(fc: FunctionRuntime, call: Call): Promise<Answer> {
  const { functionName, headers, body } = call;
  if (!body) return tooLarge(isAsync(headers) ? largestAsync : largestSync);
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
