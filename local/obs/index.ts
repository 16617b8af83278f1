import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { iamNeedsOf } from '../iam/actions.ts';
import type { IamNeed } from '../iam/need.ts';
import { hostName } from '../oss/address.ts';
import { anonymous, checkAnonymous } from '../oss/anonymous.ts';
import { OssError, refuse } from '../oss/errors.ts';
import { createFaults, type FaultEngine, NoReply } from '../oss/faults/index.ts';
import { newRequestId } from '../oss/ids.ts';
import { type InventoryObject, runInventories } from '../oss/inventory.ts';
import { operations } from '../oss/operations/index.ts';
import type { Reply } from '../oss/reply.ts';
import { endpointOf, rawPath, readSignable } from '../oss/request.ts';
import { type RequestLog, type RequestRecord, requestLog } from '../oss/request-log.ts';
import type { Verifier } from '../oss/signature/verify.ts';
import { memoryStore } from '../oss/store/memory.ts';
import type { Lease, Store } from '../oss/store/store.ts';
import { readObsAddress } from './address.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { asObsError, obsErrorReply, refuseObs } from './errors.ts';
import { type ObsEvent, toObsEvent } from './events.ts';
import { identifySender } from './identify.ts';
import { obsInventoryForm } from './inventory.ts';
import type { ObsCall, ObsCloud } from './operation.ts';
import type { ObsQuirks } from './quirks.ts';
import { checkObsHeaders, findObsOperation } from './router.ts';
import { refusalHeaders, toCore } from './translate.ts';

export interface ObsOptions extends Verifier {
  /** Such as `cn-north-4`; signatures of version 4 must be scoped to it. */
  readonly region: string;
  readonly accountId: string;
  /** This is where everything is kept; in memory unless given. */
  readonly store?: Store;
  /** This is what goes wrong; nothing of OSS's goes wrong here unless its engine is given. */
  readonly faults?: FaultEngine;
  /** Tells whether a sender may do something; everybody may do everything unless given. */
  may?(principal: string, need: IamNeed): boolean;
  /** Hears of each event, after the effect. */
  onEvent?(event: ObsEvent): void;
}

/** An embedded OBS. */
export interface Obs {
  /** Answers one request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly requests: RequestLog;
  readonly faults: FaultEngine;
  /** The switches for what is not known of the service. */
  readonly quirks: { get(): ObsQuirks; set(quirks: ObsQuirks): void };
  /** Writes the inventories that are due now. */
  runInventories(): Promise<void>;
  /** Waits for the requests that it is at. The store stays open. */
  close(): Promise<void>;
}

type ObsTrace = { -readonly [Field in keyof RequestRecord]: RequestRecord[Field] } & {
  dialect: Dialect | undefined;
};

/** Says that it is OBS to a client of OSS, which would hear of its signature alone. */
function refuseSignedForOss(authorization: string | undefined): void {
  if (!/^OSS(4-HMAC-SHA256)? /.test(authorization ?? '')) return;
  throw refuseObs('InvalidRequest', {
    message:
      'This address serves OBS, and the request is signed for OSS: start `holdfast local --cloud oss,obs` and use the address of OSS that it prints.',
  });
}

/** Returns an OBS server, to be put behind any http server. It keeps no store of its own open. */
export function createObs(options: ObsOptions): Obs {
  const log = requestLog();
  const faults = options.faults ?? createFaults();
  const store = options.store ?? memoryStore();
  const handling = new Set<Promise<void>>();
  let quirks: ObsQuirks = {};
  const cloud: ObsCloud = {
    region: options.region,
    accountId: options.accountId,
    store,
    now: () => options.now(),
    announce(call, happening) {
      const event = toObsEvent(call, happening, options, quirks, options.now());
      if (event !== undefined) options.onEvent?.(event);
    },
    quirks: () => quirks,
  };

  async function answer(request: IncomingMessage, trace: ObsTrace, lease: Lease): Promise<Reply> {
    const signable = readSignable(request);
    const { headers, query } = signable;
    const dialect = dialectOf(headers, query);
    trace.dialect = dialect;
    trace.versionId = query.get('versionId') ?? '';
    refuseSignedForOss(headers['authorization']);
    const path = rawPath(request);
    const readings = readObsAddress(headers['host'] ?? '', path);
    Object.assign(trace, { bucket: readings[0].bucket, key: readings[0].key });
    const { principal, bucket, key } = identifySender(signable, path, readings, dialect, options);
    Object.assign(trace, { principal, bucket, key });
    const core = toCore(headers, dialect, key !== '');
    const operation = findObsOperation({ ...signable, headers: core }, { bucket, key });
    trace.operation = operation?.name ?? 'Unknown';
    const { requestId } = trace;
    const may = (need: IamNeed) => options.may?.(principal, need) ?? true;
    const call: ObsCall = {
      bucket,
      key,
      query,
      headers: core,
      body: request,
      requestId,
      lease,
      sourceIp: request.socket.remoteAddress ?? '',
      endpoint: () => endpointOf(request, bucket),
      url: () => `http://${request.headers.host}${path}`,
      senderNames: () => [],
      authorize: () => undefined,
      dialect,
      may,
    };
    const run = async () => {
      if (principal === anonymous && operation?.name !== 'GetApiVersion') {
        checkAnonymous(
          operations.find(({ name }) => name === operation?.name),
          query,
          { bucket, key },
          store,
        );
      }
      if (!operation) throw refuse('NotImplemented');
      checkObsHeaders(operation, core);
      if (!iamNeedsOf(operation.name, call).every(may)) throw refuseObs('AccessDenied');
      const reply = await Promise.resolve(operation.run(call, cloud)).catch((error: unknown) => {
        throw hiddenFrom(call, error);
      });
      if (typeof reply.body === 'object') lease.keep(reply.body.content);
      return reply;
    };
    const { socket } = request;
    return await faults.handle(trace, { socket, now: options.now(), run, showPolicy: run });
  }

  async function respond(request: IncomingMessage, response: ServerResponse, lease: Lease): Promise<void> {
    const trace = newTrace(request, options.now());
    const reply = await answer(request, trace, lease).catch((error) => refusalOf(error, request, trace));
    trace.status = reply?.status ?? 0;
    const { dialect, ...record } = trace;
    log.add(record);
    if (!reply) response.destroy();
    else await send(request, response, reply, trace, options.now()).catch(() => response.destroy());
  }

  return {
    requests: log,
    faults,
    quirks: {
      get: () => quirks,
      set(given) {
        quirks = given;
      },
    },
    async runInventories() {
      const now = options.now();
      const written = ({ bucket, key, version }: InventoryObject) => {
        const { metadata, etag, content, versionId } = version;
        const happening = {
          name: 'ObjectCreated:PutObject',
          key,
          size: content.size,
          deltaSize: content.size,
          etag,
          metadata,
          versionId,
        };
        const call = { bucket, sourceIp: '', requestId: newRequestId(now) };
        const event = toObsEvent(call, happening, options, quirks, now);
        if (event !== undefined) options.onEvent?.(event);
      };
      await runInventories(store, now, written, obsInventoryForm);
    },
    async handle(request, response) {
      const lease = store.lease();
      const done = respond(request, response, lease).finally(() => {
        lease.end();
        handling.delete(done);
      });
      handling.add(done);
      await done;
    },
    async close() {
      await Promise.all(handling);
    },
  };
}

function newTrace(request: IncomingMessage, now: Date): ObsTrace {
  return {
    time: now.toISOString(),
    requestId: newRequestId(now),
    method: request.method ?? '',
    principal: '',
    operation: 'Unknown',
    bucket: '',
    key: '',
    versionId: '',
    status: 0,
    code: '',
    ignored: [],
    dialect: undefined,
  };
}

/** The reply to a request that failed; undefined when there is nobody to reply to. Notes the code. */
function refusalOf(error: unknown, request: IncomingMessage, trace: ObsTrace): Reply | undefined {
  if (error instanceof NoReply || request.errored) {
    trace.code = error instanceof NoReply ? error.code : 'ConnectionReset';
    return undefined;
  }
  const refusal = asObsError(asRefusal(error));
  trace.code = refusal.code;
  const dialect = trace.dialect ?? dialectOf({}, new Map());
  const host = hostName(request.headers.host ?? '');
  const reply = obsErrorReply(refusal, dialect, trace.method, { requestId: trace.requestId, host });
  return { ...reply, headers: refusalHeaders(reply.headers ?? {}, dialect) };
}

/** Whoever may not list a bucket does not learn which keys are not there ("Error Codes", AccessDenied). */
function hiddenFrom({ bucket, may }: ObsCall, error: unknown): unknown {
  const isMissing = error instanceof OssError && error.code === 'NoSuchKey';
  const mayList = may({ action: 'obs:bucket:ListBucket', bucket, key: '' });
  return isMissing && !mayList ? refuseObs('AccessDenied') : error;
}

function asRefusal(error: unknown): OssError {
  if (error instanceof OssError) return error;
  if (error instanceof URIError) return refuse('InvalidArgument', { message: 'The URL cannot be decoded.' });
  return refuse('InternalError', { message: `The embedded OBS failed: ${String(error)}` });
}

/** Writes a reply with the headers that every reply of OBS carries. `Date` is the cloud's own time. */
async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body }: Reply,
  { requestId, dialect }: ObsTrace,
  now: Date,
): Promise<void> {
  const { prefix } = dialect ?? dialectOf({}, new Map());
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body ? body.end - body.start : 0;
  const hasLength = status !== 204 && status !== 304 && request.method !== 'HEAD';
  const latin1 = Object.entries(headers).map(([name, value]) => [
    name,
    Buffer.from(value, 'utf8').toString('latin1'),
  ]);
  response.writeHead(status, {
    Server: 'OBS',
    Date: now.toUTCString(),
    ...(hasLength && { 'Content-Length': String(length) }),
    [`${prefix}request-id`]: requestId,
    [`${prefix}id-2`]: randomBytes(24).toString('base64'),
    ...Object.fromEntries(latin1),
  });
  if (request.method === 'HEAD' || body === undefined) response.end();
  else if (typeof body === 'string') response.end(body);
  else await pipeline(Readable.from(body.content.read(body.start, body.end)), response);
}
