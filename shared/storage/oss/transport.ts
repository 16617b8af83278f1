import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import OSS, { type OssClient, type RequestParams, type RequestResult } from 'ali-oss';
import { parseServiceDate } from '../dates.ts';
import type { Subject } from './operations.ts';
import { checkCredentials, endpointOf, type OssCredentials, type OssStorageOptions } from './options.ts';

/** One request, before addressing and signature. */
export interface Request extends Subject {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Sub-resource (an empty text, as in `?worm=`) and query; what is `undefined` is not sent. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** ASCII only: ali-oss counts characters for Content-Length. */
  readonly xml?: string;
  /** Instead of `xml`: any text, as the body of an object. */
  readonly text?: string;
}

/** Any whole reply, whatever its status. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly requestId?: string;
}

/** A reply whose body is still to come. */
export type OpenReply = Omit<Reply, 'body'> & { readonly body: Readable };

export interface Transport {
  /** Where requests go, for messages. */
  readonly endpoint: string;
  /** Rejects only when there is no whole reply, with what ali-oss throws then. */
  send(request: Request): Promise<Reply>;
  /** The same, but resolves with the head of the reply; the body must be read or destroyed. */
  open(request: Request): Promise<OpenReply>;
  /** Closes the idle connections; a later request opens new ones. */
  close(): void;
}

/**
 * Addressing, V4 signatures and connections, by ali-oss. Its own retry is off, and its success lists are not used:
 * three of its calls take a refusal for a success, so every status is judged in one place (call.ts).
 * @throws CONFIG_INVALID
 */
export function createTransport(options: OssStorageOptions): Transport {
  const endpoint = endpointOf(options);
  const agents = createAgents(options.maxSockets);
  const { credentials, onServiceTime, timeoutMs = defaultTimeoutMs } = options;
  const connect = (current: OssCredentials) =>
    createClient(options, endpoint, checkCredentials(current), agents);
  const fixed = typeof credentials === 'function' ? undefined : connect(credentials);
  const client = () => fixed ?? connect(typeof credentials === 'function' ? credentials() : credentials);

  const facts = ({ status, headers }: Pick<RequestResult, 'status' | 'headers'>) => {
    const requestId = headers['x-oss-request-id'];
    const serviceTime = onServiceTime && parseServiceDate(headers['date'] ?? '');
    if (serviceTime !== undefined) onServiceTime?.(serviceTime);
    return { status, headers, ...(requestId !== undefined && { requestId }) };
  };

  return {
    endpoint: endpoint.origin,
    async send(request) {
      const result = await client().request(paramsOf(request));
      return { ...facts(result), body: result.data };
    },
    async open(request) {
      const result = await client().request({ ...paramsOf(request), customResponse: true });
      // The service may also fall silent midway.
      result.res.setTimeout(timeoutMs, () => result.res.destroy(new Error('the reply stopped midway')));
      return { ...facts(result), body: result.res };
    },
    close() {
      agents.agent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

const defaultTimeoutMs = 10_000;

function paramsOf({
  method,
  bucket = '',
  key,
  versionId,
  query,
  headers = {},
  xml,
  text,
}: Request): RequestParams {
  return {
    method,
    bucket,
    object: key,
    subres: withoutUndefined({ ...query, versionId }),
    headers,
    ...(xml !== undefined && { mime: 'application/xml', content: xml }),
    ...(text !== undefined && { mime: 'text/plain; charset=utf-8', content: Buffer.from(text) }),
  };
}

/** Idle connections are given up before the service closes them, which would break the next request. */
const idleMs = 4000;

function createAgents(maxSockets = Number.POSITIVE_INFINITY) {
  const settings = { keepAlive: true, maxSockets, timeout: idleMs };
  return { agent: new HttpAgent(settings), httpsAgent: new HttpsAgent(settings) };
}

function createClient(
  { region, internal = false, timeoutMs = defaultTimeoutMs, userAgent }: OssStorageOptions,
  endpoint: URL,
  { accessKeyId, accessKeySecret, securityToken }: OssCredentials,
  agents: ReturnType<typeof createAgents>,
): OssClient {
  const client = new OSS({
    region: `oss-${region}`,
    internal,
    endpoint: endpoint.origin,
    secure: endpoint.protocol === 'https:',
    sldEnable: endpoint.hostname === 'localhost', // bucket.localhost does not resolve everywhere
    authorizationV4: true,
    accessKeyId,
    accessKeySecret,
    // An interval without a refresh function does nothing, but keeps ali-oss from printing advice.
    ...(securityToken !== undefined && { stsToken: securityToken, refreshSTSTokenInterval: 1 }),
    timeout: timeoutMs,
    retryMax: 0,
    ...agents,
  });
  if (userAgent !== undefined) client.userAgent = `${client.userAgent} ${userAgent}`;
  return client;
}

function withoutUndefined(query: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
