import { createHash, createHmac } from 'node:crypto';
import { type Clock, systemClock } from '../platform/clock.ts';
import { type Connections, directConnections, type Origin } from '../storage/oss/connections.ts';
import { exchange } from '../storage/oss/exchange.ts';
import { NoReply } from '../storage/oss/no-reply.ts';
import type { ReplyStart } from '../storage/oss/wire.ts';

/** This is what a client of Function Compute needs to know. */
export interface InvokerOptions {
  readonly region: string;
  readonly accountId: string;
  /** Instead of `https://ACCOUNT.REGION.fc.aliyuncs.com`. */
  readonly endpoint?: string | undefined;
  /** A function is asked before every request, for credentials that rotate. */
  readonly credentials: FcCredentials | (() => Promise<FcCredentials>);
  /** The way to the service; straight to it unless given. */
  readonly connections?: Connections | undefined;
}

/** The key that requests to Function Compute are signed with. */
export interface FcCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string | undefined;
}

/** A successful reply of Function Compute. */
export interface FcReply {
  /** The value of a header; its name is in lower case. */
  header(name: string): string | undefined;
  /** Parsed when it is JSON; otherwise the bytes. */
  readonly data: unknown;
}

/** A reply with a status that is no success. */
export class FcRefusal extends Error {
  override readonly name = 'FcRefusal';

  constructor(
    readonly status: number,
    /** It is the code as the service names it; absent when the reply is not one of its own. */
    readonly code: string | undefined,
    readonly requestId: string | undefined,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Requests to the API of Function Compute, and where they go. */
export interface FcClient {
  readonly address: string;
  readonly connections: Connections;
  /** @throws FcRefusal, NoReply, and SyntaxError for JSON that is none */
  post(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<FcReply>;
  /** @throws FcRefusal, NoReply, and SyntaxError for JSON that is none */
  get(path: string, query: Readonly<Record<string, string>>): Promise<FcReply>;
}

/** The version of the API, whose functions are those of FC 3.0. */
const version = '2023-03-30';

/** The largest reply that is read: a function may answer with 6 MB (limits of Function Compute). */
const mostOfReply = 8 * 1024 * 1024;

/**
 * Makes a client that speaks 2023-03-30, the version of the official fc3 component. The signature is that of
 * @alicloud/fc2, which is 700 KB of a bundle: it is the reference of a property test instead.
 * @param timeoutMs for a whole request
 */
export function connectFc(options: InvokerOptions, timeoutMs: number, clock: Clock = systemClock): FcClient {
  const { accountId, region, endpoint, credentials, connections = directConnections() } = options;
  const address = endpoint ?? `https://${accountId}.${region}.fc.aliyuncs.com`;
  const { hostname, host } = new URL(address);
  const origin = originOf(address);

  const request = async (
    method: 'GET' | 'POST',
    path: string,
    query: string,
    body: Buffer | undefined,
    more: Readonly<Record<string, string>>,
  ): Promise<FcReply> => {
    const keys = typeof credentials === 'function' ? await credentials() : credentials;
    const { securityToken } = keys;
    const target = `/${version}${path}`;
    const signed = {
      date: clock.now().toUTCString(),
      'x-fc-account-id': accountId,
      ...(securityToken !== undefined && { 'x-fc-security-token': securityToken }),
      ...(body !== undefined && {
        'content-type': 'application/octet-stream',
        'content-md5': digestOf(body),
      }),
      ...more,
    };
    const authorization = fcSignature(method, target, signed, keys);
    const headers = Object.entries({ host, accept: 'application/json', ...signed, authorization }).flat();
    if (body !== undefined) headers.push('content-length', String(body.length));
    const route = connections.route(origin);
    const wire = {
      method,
      route,
      servername: hostname,
      target: query === '' ? target : `${target}?${query}`,
      headers,
      body,
    };
    const reply = await exchange(wire, { ms: timeoutMs, isDeadline: false }, () => mostOfReply);
    checkAnswerer(reply.head, route.proxy);
    return readReply(reply.head, reply.body);
  };

  return {
    address,
    connections,
    post: (path, body, headers) => request('POST', path, '', Buffer.from(body), headers),
    get: (path, query) => request('GET', path, new URLSearchParams(query).toString(), undefined, {}),
  };
}

/** Tells where a URL leads, for a route. */
export function originOf(url: string): Origin {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  return { secure, hostname, port: Number(port) || (secure ? 443 : 80) };
}

/** The digest as @alicloud/fc2 sends it: base64 of the hexadecimal text. */
function digestOf(body: Buffer): string {
  return Buffer.from(createHash('md5').update(body).digest('hex')).toString('base64');
}

/**
 * Signs a request to Function Compute: HMAC-SHA256 over method, digest, type, date, `x-fc-` headers and path.
 * @param headers names in lower case
 */
export function fcSignature(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | undefined>>,
  { accessKeyId, accessKeySecret }: FcCredentials,
): string {
  const own = Object.keys(headers).filter((name) => name.startsWith('x-fc-'));
  const lines = own.sort().map((name) => `${name}:${headers[name]}\n`);
  const { date, 'content-md5': digest = '', 'content-type': type = '' } = headers;
  const text = `${method}\n${digest}\n${type}\n${date}\n${lines.join('')}${path}`;
  return `FC ${accessKeyId}:${createHmac('sha256', accessKeySecret).update(text).digest('base64')}`;
}

/** The second one is that of Alibaba Cloud's gateway of APIs (docs/assumptions.md). */
const requestIdHeaders = ['x-fc-request-id', 'x-acs-request-id'];

/** Returns the request id of a reply; undefined where it has none. */
export const requestIdOf = (header: (name: string) => string | undefined): string | undefined =>
  requestIdHeaders.map(header).find((id) => id !== undefined);

/** Statuses with which a proxy says that it could not reach the service, which may pass. */
const statusesOfGateways: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Tells what a proxy or a portal says from what the service says, which has a request id in every reply. A refusal that no proxy can
 * have given counts as one of the service without it.
 * @throws NoReply
 */
function checkAnswerer(head: ReplyStart, proxy: string | undefined): void {
  const { status } = head;
  if (requestIdOf((name) => head.header(name)) !== undefined) return;
  if (status < 400) {
    const reason = `status ${status} from something that is not Function Compute`;
    throw new NoReply({ kind: 'unreadable', reason, status });
  }
  if (proxy === undefined) return;
  const reason = `it answers with status ${status}`;
  if (statusesOfGateways.has(status))
    throw new NoReply({ kind: 'unreachable', reason: `proxy ${proxy}: ${reason}`, notSent: false });
  throw new NoReply({ kind: 'proxy', proxy, reason });
}

function readReply(head: ReplyStart, body: Buffer): FcReply {
  const { status } = head;
  const header = (name: string) => head.header(name);
  const isJson = header('content-type')?.startsWith('application/json') === true;
  const data: unknown = isJson ? JSON.parse(body.toString()) : body;
  if (status >= 200 && status < 300) return { header, data };
  const { ErrorCode: code, ErrorMessage: message }: { ErrorCode?: unknown; ErrorMessage?: unknown } =
    Object(data);
  throw new FcRefusal(
    status,
    typeof code === 'string' ? code : undefined,
    requestIdOf(header),
    typeof message === 'string' ? message : '',
  );
}
