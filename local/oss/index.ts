import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Policy } from '../../shared/ram/policy.ts';
import { needsOf } from '../ram/actions.ts';
import { readAddress } from './address.ts';
import { anonymous, checkAnonymous } from './anonymous.ts';
import { readBucketPolicy } from './bucket-policy.ts';
import { toCall } from './call.ts';
import { refuse } from './errors.ts';
import { type Happening, type OssEvent, toEvent } from './events.ts';
import { createFaults, type FaultEngine, type Faults } from './faults/index.ts';
import { isForm } from './form.ts';
import { type Identified, identify, identifyForm } from './identify.ts';
import { newRequestId } from './ids.ts';
import { runInventories } from './inventory.ts';
import { runLifecycle } from './lifecycle.ts';
import type { Cloud } from './operation.ts';
import { getBucketWorm, renewPolicy } from './operations/bucket-worm.ts';
import { type Reply, send } from './reply.ts';
import { rawPath, readSignable } from './request.ts';
import { type RequestLog, requestLog } from './request-log.ts';
import { findOperation, ignoredNames, noOperation } from './router.ts';
import type { Signable } from './signature/request.ts';
import type { AccessKey } from './signature/verify.ts';
import { memoryStore } from './store/memory.ts';
import type { Lease, Store } from './store/store.ts';
import { newTrace, noteTarget, refusalOf, type Trace } from './trace.ts';
import { readTrafficLimit } from './traffic-limit.ts';

export type { OssEvent } from './events.ts';
export type { FaultRule, Faults } from './faults/index.ts';
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
  /** Tells what a principal may do; everything when there is no policy. */
  policyOf?(principal: string): Policy | undefined;
  /** Called after the effect, once an event. It must not throw. */
  onEvent?(event: OssEvent): void;
  /** Tells whether anybody waits for the events of a bucket; the others are not made. All are unless given. */
  isWatched?(bucket: string): boolean;
  /** This is what goes wrong; an engine of its own unless given. */
  readonly faults?: FaultEngine;
  /** This is where everything is kept; in memory unless given. Closed with the server. */
  readonly store?: Store;
}

export interface Oss {
  /** Answers one request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Answers a request with AccessDenied and the given message, without reading it any further. */
  refuse(request: IncomingMessage, response: ServerResponse, message: string): Promise<void>;
  readonly requests: RequestLog;
  readonly faults: Faults;
  /** Deletes what the lifecycle rules say is due. The service does so once a day. */
  runLifecycle(): void;
  /** Writes the inventories that are due that day. The service does so once a day. */
  runInventories(): Promise<void>;
  /** Waits for the requests that it is at, then closes the store. Drop the connections first. */
  close(): Promise<void>;
}

/** Returns an OSS server, to be put behind any http server. */
export function createOss(options: OssOptions): Oss {
  const log = requestLog();
  const faults = options.faults ?? createFaults();
  const store = options.store ?? memoryStore();
  const account = {
    accountId: options.accountId,
    policyOf: (principal: string) => options.policyOf?.(principal),
    policyOfBucket(name: string) {
      const text = store.bucket(name)?.configurations?.['policy'];
      return text === undefined ? undefined : readBucketPolicy(text);
    },
  };
  /** Requests that are not answered yet, and what hears when there are none. */
  let open = 0;
  const onRest: (() => void)[] = [];
  const cloud: Cloud = {
    region: options.region,
    accountId: options.accountId,
    store,
    now: () => options.now(),
    announce: (call, happening) => raise(call, happening),
  };

  function raise(call: Parameters<typeof toEvent>[0], happening: Happening, now?: Date): void {
    if (options.onEvent === undefined || options.isWatched?.(call.bucket) === false) return;
    options.onEvent(toEvent(call, happening, options, now ?? options.now()));
  }

  /** Answers at once unless there is a body to read: an async function for each step would cost more than the step. */
  function answer(request: IncomingMessage, trace: Trace, lease: Lease): Reply | Promise<Reply> {
    const signable = readSignable(request);
    const readings = readAddress(
      request.headers.host ?? '',
      rawPath(request),
      (name) => store.bucket(name) !== undefined,
    );
    const likeliest = findOperation(signable, readings[0]);
    const { record } = trace;
    noteTarget(record, readings[0], likeliest);
    record.versionId = signable.query.get('versionId') ?? '';

    const clockOffsetMs = faults.clockOffset(record);
    trace.clockOffsetMs = clockOffsetMs;
    const verifier = clockOffsetMs === 0 ? options : { ...options, ...clocksOf(options, clockOffsetMs) };
    const goOn = (identified: Identified) => carryOut(request, signable, identified, record, lease);
    return isForm(signable)
      ? identifyForm(request, readings, verifier, store).then(goOn)
      : goOn(identify(request, signable, { readings, likeliest }, verifier, store));
  }

  function carryOut(
    request: IncomingMessage,
    signable: Signable,
    identified: Identified,
    record: Trace['record'],
    lease: Lease,
  ): Reply | Promise<Reply> {
    const { principal, address, operation, headers } = identified;
    noteTarget(record, address, operation);
    record.principal = principal;

    const { requestId } = record;
    const call = toCall(request, signable.query, identified, { requestId, lease }, account);
    const run = () => {
      if (principal === anonymous) checkAnonymous(operation, signable.query, address, store);
      if (!operation) throw noOperation(signable, address);
      record.ignored = ignoredNames(operation, signable.query, headers);
      call.authorize(needsOf(operation.name, call));
      const reply = operation.run(call, cloud);
      return reply instanceof Promise ? reply.then(hold) : hold(reply);
    };
    const hold = (reply: Reply) => {
      if (typeof reply.body !== 'object') return reply;
      lease.keep(reply.body.content);
      const bitsPerSecond = readTrafficLimit(signable.query, headers);
      return bitsPerSecond === undefined ? reply : { ...reply, bitsPerSecond };
    };
    const showPolicy = async () => await getBucketWorm.run(call, cloud);
    return faults.handle(record, {
      socket: request.socket,
      now: options.now(),
      run,
      showPolicy,
      renewPolicy: () => renewPolicy(call.bucket, cloud),
    });
  }

  /** Writes a request into the log, with what came of it. */
  function note({ record }: Trace, reply: Reply | undefined): void {
    record.status = reply?.status ?? 0;
    log.add(record);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const lease = store.lease();
    open += 1;
    try {
      await respond(request, response, lease);
    } finally {
      lease.end();
      open -= 1;
      if (open === 0) for (const rested of onRest.splice(0)) rested();
    }
  }

  async function respond(request: IncomingMessage, response: ServerResponse, lease: Lease): Promise<void> {
    const started = performance.now();
    const trace = newTrace(request, options.now());
    let reply: Reply | undefined;
    try {
      const answered = answer(request, trace, lease);
      reply = answered instanceof Promise ? await answered : answered;
    } catch (error) {
      reply = refusalOf(error, request, trace);
    }
    note(trace, reply);
    if (!reply) {
      response.destroy();
      return;
    }
    const { requestId } = trace.record;
    const serverTimeMs = performance.now() - started;
    const now = new Date(options.now().getTime() + trace.clockOffsetMs);
    try {
      await send(request, response, reply, { requestId, now, serverTimeMs });
    } catch {
      response.destroy();
    }
  }

  return {
    requests: log,
    faults,
    async refuse(request, response, message) {
      const trace = newTrace(request, options.now());
      const reply = refusalOf(refuse('AccessDenied', { message }), request, trace);
      note(trace, reply);
      const sent = { requestId: trace.record.requestId, now: options.now(), serverTimeMs: 0 };
      if (reply) await send(request, response, reply, sent).catch(() => response.destroy());
    },
    runLifecycle: () => runLifecycle(store, options.now()),
    async runInventories() {
      const now = options.now();
      await runInventories(store, now, ({ bucket, key, version, replacedSize }) => {
        const { size } = version.content;
        const happening = {
          name: 'ObjectCreated:PutObject',
          key,
          size,
          deltaSize: size - replacedSize,
          etag: version.etag,
          metadata: version.metadata,
        };
        const call = { bucket, sourceIp: '', requestId: newRequestId(now) };
        raise(call, happening, now);
      });
    },
    handle,
    async close() {
      if (open > 0) await new Promise<void>((resolve) => onRest.push(resolve));
      await store.close();
    },
  };
}

/** The server's clocks as its clients see them. */
function clocksOf({ now, wallNow }: Pick<OssOptions, 'now' | 'wallNow'>, offsetMs: number) {
  const shift = (clock: () => Date) => () => new Date(clock().getTime() + offsetMs);
  return { now: shift(now), wallNow: shift(wallNow) };
}
