import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendJson } from '../http.ts';
import type { FunctionRuntime } from './runtime.ts';
import { type FcKey, refuseSignature } from './signature.ts';

const largestSync = 32 * 1024 * 1024;
const largestAsync = 128 * 1024;

/** Whether a path belongs to the invocation API. */
export function isInvocationPath(path: string): boolean {
  return path.startsWith('/2023-03-30/functions/');
}

/**
 * Function Compute's invocation API: `POST /2023-03-30/functions/NAME/invocations`, synchronous, or queued with
 * `x-fc-invocation-type: Async` (202). A function's error is a 200 with `x-fc-error-type`.
 */
export async function handleInvocation(
  runtime: FunctionRuntime,
  findKey: (accessKeyId: string) => FcKey | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  const method = request.method ?? '';
  const isAsync = String(request.headers['x-fc-invocation-type']).toLowerCase() === 'async';
  const body = await readBody(request, isAsync ? largestAsync : largestSync);
  const refused = refuseSignature({ method, path, headers: request.headers }, findKey);
  if (refused !== undefined) return refuse(response, 403, 'AccessDenied', refused);
  const name = /^\/2023-03-30\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (name === undefined || method !== 'POST') {
    return refuse(response, 501, 'NotImplemented', `${method} ${path} is not served by the embedded cloud`);
  }
  if (!runtime.functions.has(name)) {
    return refuse(response, 404, 'FunctionNotFound', `function ${name} does not exist`);
  }
  if (!body) return refuse(response, 413, 'RequestEntityTooLarge', 'the event is too large');
  if (isAsync) {
    response.writeHead(202, { 'x-fc-request-id': runtime.submit(name, body) }).end();
    return;
  }
  const { invocation, outcome } = await runtime.invoke(name, body);
  response.setHeader('x-fc-request-id', invocation.requestId);
  if (outcome.ok) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(outcome.body);
    return;
  }
  response.setHeader('x-fc-error-type', 'UnhandledInvocationError');
  sendJson(response, 200, outcome.error);
}

/** @alicloud/fc2 reads the error from ErrorCode and ErrorMessage. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.setHeader('x-fc-request-id', randomUUID());
  sendJson(response, status, { ErrorCode: code, ErrorMessage: message });
}
