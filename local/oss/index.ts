import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Address, hostName, readAddress } from './address.ts';
import { OssError, refuse } from './errors.ts';
import { type OssEvent, toEvent } from './events.ts';
import { type FaultEffect, type Faults, faultList } from './faults.ts';
import { newRequestId } from './ids.ts';
import type { Cloud, Operation } from './operation.ts';
import { errorReply, type Reply, send } from './reply.ts';
import { type Call, readHeaders, readQuery } from './request.ts';
import { type RequestLog, requestLog } from './request-log.ts';
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
  /** Called after the effect, once an event. It must not throw. */
  onEvent?(event: OssEvent): void;
}

export interface Oss {
  /** Answers one request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly requests: RequestLog;
  readonly faults: Faults;
}

/** What is found out about a request bit by bit, for its record. */
interface Progress {
  address: Address;
  operation: Operation | undefined;
  principal: string;
}

/** Ends a request without a reply, as a fault rule asks. */
class ConnectionReset extends Error {}

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

  async function perform(
    request: IncomingMessage,
    signable: Signable,
    progress: Progress,
    requestId: string,
  ): Promise<Reply> {
    const readings = readingsOf(request);
    progress.address = readings[0];
    progress.operation = findOperation(signable, progress.address);
    const { principal, address } = authenticate(signable, readings, options);
    const operation = findOperation(signable, address);
    Object.assign(progress, { principal, address, operation });
    const name = operation?.name ?? 'Unknown';
    const effects = faults.hit({ operation: name, ...address, principal });
    await applyBefore(effects);
    if (!operation) throw refuse('NotImplemented');
    checkHeaders(operation, signable);
    const call: Call = {
      ...signable,
      ...address,
      operation: name,
      requestId,
      sourceIp: request.socket.remoteAddress ?? '',
      endpoint: endpointOf(request, address),
      body: request,
    };
    const reply = await operation.run(call, cloud);
    if (effects.some((effect) => 'reset' in effect)) throw new ConnectionReset();
    return reply;
  }

  return {
    requests: log,
    faults,
    async handle(request, response) {
      const started = performance.now();
      const time = options.now();
      const requestId = newRequestId(time);
      const progress: Progress = { address: { bucket: '', key: '' }, operation: undefined, principal: '' };
      const method = request.method ?? '';
      const record = (status: number, code: string, versionId: string) =>
        log.add({
          time: time.toISOString(),
          requestId,
          principal: progress.principal,
          operation: progress.operation?.name ?? 'Unknown',
          method,
          ...progress.address,
          versionId,
          status,
          code,
        });
      let versionId = '';
      let reply: Reply;
      let code = '';
      try {
        const signable = readSignable(request);
        versionId = signable.query.get('versionId') ?? '';
        reply = await perform(request, signable, progress, requestId);
      } catch (error) {
        if (error instanceof ConnectionReset || request.errored) {
          record(0, 'ConnectionReset', versionId);
          response.destroy();
          return;
        }
        const refusal = asOssError(error);
        code = refusal.code;
        reply = errorReply(refusal, method, requestId, hostName(request.headers.host ?? ''));
      }
      record(reply.status, code, versionId);
      const serverTimeMs = performance.now() - started;
      const sent = send(request, response, reply, { requestId, now: options.now(), serverTimeMs });
      await sent.catch(() => response.destroy());
    },
  };
}

function readSignable(request: IncomingMessage): Signable {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const query = mark < 0 ? '' : target.slice(mark + 1);
  return { method: request.method ?? '', headers: readHeaders(request.headers), query: readQuery(query) };
}

function readingsOf(request: IncomingMessage): readonly [Address, ...Address[]] {
  const [path = '/'] = (request.url ?? '/').split('?');
  return readAddress(request.headers.host ?? '', path);
}

/**
 * Where the client reached the server, without the bucket. A client that dials an IP address may still send
 * a name of the real service as Host; the socket knows better then.
 */
function endpointOf(request: IncomingMessage, address: Address): string {
  const host = request.headers.host ?? '';
  if (hostName(host).endsWith('.aliyuncs.com')) {
    return `http://${request.socket.localAddress}:${request.socket.localPort}`;
  }
  const bucket = `${address.bucket}.`;
  return `http://${address.bucket && host.startsWith(bucket) ? host.slice(bucket.length) : host}`;
}

async function applyBefore(effects: readonly FaultEffect[]): Promise<void> {
  for (const effect of effects) {
    if ('delayMs' in effect) await wait(effect.delayMs);
    else if ('status' in effect) {
      throw new OssError(effect.code, effect.status, {
        message: 'This error was asked for by a fault rule.',
      });
    } else if (effect.reset === 'before') throw new ConnectionReset();
  }
}

function asOssError(error: unknown): OssError {
  if (error instanceof OssError) return error;
  if (error instanceof URIError) return refuse('InvalidArgument', { message: 'The URL cannot be decoded.' });
  return refuse('InternalError', { message: `The embedded OSS failed: ${String(error)}` });
}
