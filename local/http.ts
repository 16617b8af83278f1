import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';

/** Reads a request's body; nothing when it is longer than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Milliseconds; with Node's own five seconds a client in a pause meets resets that nobody asked for. */
const keepAliveTimeout = 60_000;

/**
 * Options of the servers. ali-oss sends `Content-Length` together with chunks when it uploads a stream whose length is
 * known; Node's strict parser drops such a connection, and the service takes it.
 */
export const serverOptions = { keepAliveTimeout, insecureHTTPParser: true } as const;

/** One or two sockets on the same port. */
export interface Listener {
  readonly port: number;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/**
 * Listens on a host and port (0: a free one). On 127.0.0.1 also on ::1 with the same port where there is such an
 * address: `bucket.localhost` may resolve to either.
 */
export async function listen(handler: RequestListener, host: string, port: number): Promise<Listener> {
  const first = createServer(serverOptions, handler);
  await bind(first, host, port);
  const address = first.address();
  if (address === null || typeof address === 'string') throw new Error(`no port on ${host}`);
  const servers = [first];
  if (host === '127.0.0.1') {
    const second = createServer(serverOptions, handler);
    const bound = await bind(second, '::1', address.port).then(
      () => true,
      () => false,
    );
    if (bound) servers.push(second);
  }
  return {
    port: address.port,
    async close() {
      await Promise.all(servers.map(stop));
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
