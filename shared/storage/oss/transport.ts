import { type Clock, systemClock } from '../../platform/clock.ts';
import { rememberSecrets } from '../../platform/secrets.ts';
import { parseServiceDate } from '../dates.ts';
import { type Connections, directConnections, idleMs, type Origin } from './connections.ts';
import { exchange, openExchange } from './exchange.ts';
import { NoReply } from './no-reply.ts';
import type { OperationSubject } from './operations.ts';
import { checkCredentials, type OssCredentials, type OssStorageOptions } from './options.ts';
import { ossWire } from './oss-wire.ts';
import type { ServiceWire } from './service-wire.ts';
import { queryText } from './signature.ts';
import type { ReplyStart, TimeLimit, WireRequest } from './wire.ts';

/** One request, before addressing and signature. */
export interface Request extends OperationSubject {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Sub-resource (an empty text, as in `?worm`) and query; what is `undefined` is not sent. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: string;
  /** Instead of `xml`: any text, as the body of an object. */
  readonly text?: string;
  /** Instead of `xml`: any bytes, as the body of an object; they must not change while the request is under way. */
  readonly bytes?: Buffer;
  /** The largest body of a success that is read, in bytes; {@link mostOfXml} unless told. */
  readonly most?: number;
}

/** This is what every reply says before its body. */
export interface ReplyHead {
  readonly status: number;
  /** The value of a header; its name is in lower case. */
  header(name: string): string | undefined;
  readonly requestId?: string | undefined;
  /**
   * Tells whether OSS itself has answered. Every reply of it carries `x-oss-request-id`; proxies and portals have
   * none.
   */
  readonly fromService: boolean;
  /** Whom the request went through. */
  readonly proxy?: string | undefined;
}

/** Any whole reply, whatever its status. */
export interface Reply extends ReplyHead {
  readonly body: Buffer;
}

/** A reply whose body is still to come. */
export interface OpenReply extends ReplyHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** An instant after which no work goes on. */
export type Deadline = Date | (() => Date | undefined);

export interface Transport {
  /** This is where requests go, for messages. */
  readonly endpoint: string;
  /** Rejects only when there is no whole reply, with {@link NoReply}. */
  send(request: Request, deadline?: Deadline): Promise<Reply>;
  /** Sends a request, and resolves with the head of the reply; the body must be read or given up. */
  open(request: Request, deadline?: Deadline): Promise<OpenReply>;
  /** Closes the idle connections; a later request opens new ones. */
  close(): void;
}

/** A transport whose connections are shared by senders with credentials of their own. */
export interface SharedTransport extends Transport {
  /**
   * Returns a transport over the same connections, whose requests are signed with these credentials.
   * @throws CONFIG_INVALID for credentials that cannot be used
   */
  as(credentials: OssCredentials): Transport;
}

/** A list of 1,000 versions whose keys have 1,023 bytes, each escaped threefold, has less than 4 MiB. */
const mostOfXml = 8 * 1024 * 1024;

/** An error document of OSS has a few hundred bytes; the longest quotes the string to sign, with the key. */
export const mostOfRefusal = 64 * 1024;

const defaultTimeoutMs = 10_000;

/**
 * Addressing, V4 signatures and keep-alive connections over `node:http` and `node:https`. Redirects are not followed
 * and nothing is repeated; every status is judged in one place (call.ts).
 * @throws CONFIG_INVALID
 */
export function createTransport(options: OssStorageOptions): SharedTransport {
  return transportTo(ossWire(options), options);
}

/** Returns the transport to any object store. @throws CONFIG_INVALID */
export function transportTo(
  wireTo: ServiceWire,
  options: Omit<OssStorageOptions, 'region' | 'internal'>,
): SharedTransport {
  const { credentials, onServiceTime } = options;
  const { clock = systemClock, timeoutMs = defaultTimeoutMs } = options;
  const { endpoint, addressOf } = wireTo;
  const origin = {
    secure: endpoint.protocol === 'https:',
    port: Number(endpoint.port) || (endpoint.protocol === 'https:' ? 443 : 80),
  };
  const connections = reviving(options.connections ?? directConnections(options.maxSockets), clock);
  const timeOf = serviceTimes();
  let current = typeof credentials === 'function' ? undefined : accept(credentials);

  const latest = (): OssCredentials => {
    if (typeof credentials !== 'function') return credentials;
    const asked = credentials();
    if (asked !== current) current = accept(asked);
    return asked;
  };

  const prepare = (request: Request, keys: OssCredentials): WireRequest => {
    const address = addressOf(request.bucket, request.key);
    const body = request.xml ?? request.text ?? request.bytes;
    const { method } = request;
    const parameters = { ...request.query, versionId: request.versionId };
    const query = queryText(parameters);
    const type = typeOfBody(request);
    const further = request.headers ?? {};
    const now = clock.now();
    const signed = wireTo.sign({ method, address, query, parameters, type, body, further }, now, keys);
    const headers = ['host', address.host, 'user-agent', 'holdfast'];
    for (const [name, value] of signed) headers.push(name, value);
    for (const name in request.headers) headers.push(name, request.headers[name] ?? '');
    if (body !== undefined || method === 'PUT' || method === 'POST') {
      headers.push('content-length', String(Buffer.byteLength(body ?? '')));
    }
    return {
      method,
      route: connections.route({ ...origin, hostname: address.hostname }, now),
      servername: address.servername,
      target: query === '' ? address.path : `${address.path}?${query}`,
      headers,
      body,
    };
  };

  const limitBy = (deadline: Deadline | undefined): TimeLimit => {
    const end = typeof deadline === 'function' ? deadline() : deadline;
    const left = end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - clock.now().getTime();
    if (!(left > 0)) throw new NoReply({ kind: 'no-time' });
    return left < timeoutMs ? { ms: left, isDeadline: true } : { ms: timeoutMs, isDeadline: false };
  };

  const replyOf = <Body>(head: ReplyStart, body: Body, proxy: string | undefined) => {
    const serviceTime = onServiceTime && timeOf(head.header('date'));
    if (serviceTime !== undefined) onServiceTime?.(serviceTime);
    return {
      status: head.status,
      header: (name: string) => head.header(name),
      requestId: head.header(wireTo.requestIdHeader),
      fromService: wireTo.isOwn(head),
      proxy,
      body,
    };
  };

  const signedBy = (keysOf: () => OssCredentials): Transport => ({
    endpoint: endpoint.origin,
    async send(request, deadline) {
      const limit = limitBy(deadline);
      const wire = prepare(request, keysOf());
      const most = (status: number) => (status < 300 ? (request.most ?? mostOfXml) : mostOfRefusal);
      try {
        const { head, body } = await exchange(wire, limit, most);
        return replyOf(head, body, wire.route.proxy);
      } finally {
        connections.used();
      }
    },
    async open(request, deadline) {
      const limit = limitBy(deadline);
      const wire = prepare(request, keysOf());
      const { head, body } = await openExchange(wire, limit, () => limitBy(deadline));
      connections.used();
      return replyOf(head, body, wire.route.proxy);
    },
    close: () => connections.close(),
  });

  return {
    ...signedBy(latest),
    as(own) {
      accept(own);
      return signedBy(() => own);
    },
  };
}

/** Makes a reader of Date headers: many replies come within a second, whose date is read once. */
function serviceTimes(): (header: string | undefined) => Date | undefined {
  let last: string | undefined;
  let read: Date | undefined;
  return (header) => {
    if (header !== last) read = parseServiceDate(header ?? '');
    last = header;
    return read;
  };
}

/** Checks credentials, and keeps their secrets out of every text: a service may repeat what was sent to it. */
function accept(credentials: OssCredentials): OssCredentials {
  const { accessKeySecret, securityToken } = checkCredentials(credentials);
  rememberSecrets(accessKeySecret, securityToken);
  return credentials;
}

const xmlType = 'application/xml';
const textType = 'text/plain; charset=utf-8';
const bytesType = 'application/octet-stream';

function typeOfBody({ xml, bytes }: Request): string {
  if (xml !== undefined) return xmlType;
  return bytes === undefined ? textType : bytesType;
}

/**
 * Drops connections that were idle for too long by the clock. Their own timers do that too, but not in time in a
 * function instance that was frozen between two invocations and has just woken up.
 */
function reviving(connections: Connections, clock: Clock) {
  let lastUse = clock.now().getTime();
  return {
    route(origin: Origin, now: Date) {
      if (now.getTime() - lastUse >= idleMs) connections.close();
      lastUse = now.getTime();
      return connections.route(origin);
    },
    used() {
      lastUse = clock.now().getTime();
    },
    close: () => connections.close(),
  };
}
