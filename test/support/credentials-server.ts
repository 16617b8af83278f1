import { readFileSync } from 'node:fs';
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';

/** What one server was asked for: path with query, form and headers. */
export interface AskedFor {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** Any answer; undefined keeps silent. */
export type Answering = (asked: AskedFor) => { readonly status?: number; readonly body: unknown } | undefined;

export interface CredentialsServer {
  readonly url: string;
  readonly asked: AskedFor[];
}

/** Plays one of the places that give credentials; it ends with the test. */
export async function credentialsServer(answer: Answering, { tls = false } = {}): Promise<CredentialsServer> {
  const asked: AskedFor[] = [];
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here');
      const { method = '', headers } = request;
      const each = { method, path: pathname, query: searchParams, form: new URLSearchParams(body), headers };
      asked.push(each);
      const reply = answer(each);
      if (reply === undefined) return;
      const isText = typeof reply.body === 'string';
      response.writeHead(reply.status ?? 200, { 'content-type': isText ? 'text/plain' : 'application/json' });
      response.end(isText ? reply.body : JSON.stringify(reply.body));
    });
  };
  const server: Server = tls
    ? createHttps({ key: pem('key'), cert: pem('cert') }, listener)
    : createHttp(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo; // a TCP server has a port
  return { url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`, asked };
}

const pem = (part: 'key' | 'cert') => readFileSync(`test/fixtures/tls/localhost.${part}.pem`);

/** The certificate of a server with TLS, for NODE_EXTRA_CA_CERTS. */
export const certificateFile = 'test/fixtures/tls/localhost.cert.pem';

/**
 * Leads connections to a fixed address, such as that of the metadata server, to a server of the test; until its end. The library allows a
 * second for an answer: here it passes when the test lets it, by the time of vitest, and not while a busy machine keeps the answer.
 * @param routes from `host:port` to the URL of the server
 */
export function rerouted(routes: Readonly<Record<string, string>>): void {
  const connect = Socket.prototype.connect;
  const spy = vi.spyOn(Socket.prototype, 'connect');
  spy.mockImplementation(function (this: Socket, ...args: unknown[]) {
    const [first] = args;
    const options: unknown = Array.isArray(first) ? first[0] : first;
    if (isTarget(options)) {
      const to = routes[`${options.host}:${options.port}`];
      if (to !== undefined) {
        const { hostname, port } = new URL(to);
        Object.assign(options, { host: hostname, port: Number(port) });
      }
    }
    return Reflect.apply(connect, this, args);
  });
  const limit = vi.spyOn(Socket.prototype, 'setTimeout').mockReturnThis();
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    limit.mockRestore();
    spy.mockRestore();
  });
}

const isTarget = (value: unknown): value is { host: string; port: number | string } =>
  typeof value === 'object' && value !== null && 'host' in value && 'port' in value;

export const metadataAddress = '100.100.100.200:80';
export const stsAddress = 'sts.aliyuncs.com:443';

/** Credentials as every one of the places writes them. */
export const issuedKeys = (id: string, expiration = '2099-01-01T00:00:00Z') => ({
  AccessKeyId: id,
  AccessKeySecret: `${id}-secret`,
  SecurityToken: `${id}-token`,
  Expiration: expiration,
});
