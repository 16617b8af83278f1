import type { IncomingMessage, ServerResponse } from 'node:http';
import { needsOf } from '../ram/actions.ts';
import type { Policy } from '../ram/policy.ts';
import { authorizer, factsOf } from './access.ts';
import { hostName, readAddress } from './address.ts';
import { OssError, refuse } from './errors.ts';
import { type OssEvent, toEvent } from './events.ts';
import { ConnectionReset, type Faults, failAfter, failBefore, faultList } from './faults.ts';
import { newRequestId } from './ids.ts';
import type { Cloud } from './operation.ts';
import { errorReply, type Reply, send } from './reply.ts';
import { type Call, endpointOf, rawPath, readSignable } from './request.ts';
import { type RequestLog, type RequestRecord, requestLog } from './request-log.ts';
import { checkHeaders, findOperation } from './router.ts';
import type { Signable } from './signature/request.ts';
import { type AccessKey, authenticate } from './signature/verify.ts';
import { memoryStore } from './store/memory.ts';

export type { OssEvent } from './events.ts';
export type { FaultRule, Faults } from './faults.ts';
export type { RequestLog, RequestRecord } from './request-log.ts';
export type { AccessKey };

export interface OssOptions {
  /** Such as `cn-hangzhou`; V4 signatures must be scoped to it. */
  readonly region: string;
  readonly accountId: string;
  /** The cloud's own, virtual time. */
  now(): Date;
  /** The time outside. A request is accepted when its date is near either clock. */
  wallNow(): Date;
  findKey(accessKeyId: string): AccessKey | undefined;
  /** What a principal may do; everything when there is no policy. */
  policyOf?(principal: string): Policy | undefined;
  /** Called after the effect, once an event. It must not throw. */
  onEvent?(event: OssEvent): void;
}

export interface Oss {
  /** Answers one request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly requests: RequestLog;
  readonly faults: Faults;
}

/** What is found out about a request bit by bit. */
type Trace = { -readonly [Field in keyof RequestRecord]: RequestRecord[Field] };

/** An OSS server in memory, to be put behind any http server. */
export function createOss(options: OssOptions): Oss {
  const log = requestLog();
  const faults = faultList();
  const cloud: Cloud = {
    region: options.region,
    accountId: options.accountId,
    store: memoryStore(),
    now: () => options.now(),
    announce: (call, happening) => options.onEvent?.(toEvent(call, happening, options, options.now())),
  };

  async function answer(request: IncomingMessage, trace: Trace): Promise<Reply> {
    const signable = readSignable(request);
    const readings = readAddress(request.headers.host ?? '', rawPath(request));
    const operationName = findOperation(signable, readings[0])?.name ?? 'Unknown';
    const versionId = signable.query.get('versionId') ?? '';
    Object.assign(trace, { ...readings[0], operation: operationName, versionId });

    const { principal, address } = authenticate(signable, readings, options);
    const operation = findOperation(signable, address);
    Object.assign(trace, { ...address, operation: operation?.name ?? 'Unknown', principal });

    const effects = faults.hit(trace);
    await failBefore(effects);
    if (!operation) throw refuse('NotImplemented');
    checkHeaders(operation, signable);
    const call = toCall(request, signable, trace, options);
    call.authorize(needsOf(operation.name, call));
    const reply = await operation.run(call, cloud);
    failAfter(effects);
    return reply;
  }

  return {
    requests: log,
    faults,
    async handle(request, response) {
      const started = performance.now();
      const trace = newTrace(request, options.now());
      const reply = await answer(request, trace).catch((error) => refusalOf(error, request, trace));
      trace.status = reply?.status ?? 0;
      log.add(trace);
      if (!reply) {
        response.destroy();
        return;
      }
      const { requestId } = trace;
      const serverTimeMs = performance.now() - started;
      const sent = send(request, response, reply, { requestId, now: options.now(), serverTimeMs });
      await sent.catch(() => response.destroy());
    },
  };
}

function newTrace(request: IncomingMessage, now: Date): Trace {
  const method = request.method ?? '';
  const unknown = {
    principal: '',
    operation: 'Unknown',
    bucket: '',
    key: '',
    versionId: '',
    status: 0,
    code: '',
  };
  return { time: now.toISOString(), requestId: newRequestId(now), method, ...unknown };
}

function toCall(request: IncomingMessage, signable: Signable, trace: Trace, options: OssOptions): Call {
  const { bucket, key, requestId, principal } = trace;
  const { accountId } = options;
  const facts = factsOf(signable.query, request.socket.remoteAddress);
  return {
    bucket,
    key,
    requestId,
    query: signable.query,
    headers: signable.headers,
    sourceIp: request.socket.remoteAddress ?? '',
    endpoint: endpointOf(request, bucket),
    url: `http://${request.headers.host}${rawPath(request)}`,
    body: request,
    authorize: authorizer(options.policyOf?.(principal), { principal, accountId, facts }),
  };
}

/** The reply to a request that failed; undefined when there is nobody to reply to. Notes the code. */
function refusalOf(error: unknown, request: IncomingMessage, trace: Trace): Reply | undefined {
  if (error instanceof ConnectionReset || request.errored) {
    trace.code = 'ConnectionReset';
    return undefined;
  }
  const refusal = asOssError(error);
  trace.code = refusal.code;
  return errorReply(refusal, trace.method, trace.requestId, hostName(request.headers.host ?? ''));
}

function asOssError(error: unknown): OssError {
  if (error instanceof OssError) return error;
  if (error instanceof URIError) return refuse('InvalidArgument', { message: 'The URL cannot be decoded.' });
  return refuse('InternalError', { message: `The embedded OSS failed: ${String(error)}` });
}
