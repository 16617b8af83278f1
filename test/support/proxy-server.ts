import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy on a free port. */
export interface ProxyServer {
  readonly port: number;
  /** `CONNECT host:port` or `GET http://…` for each request, in order. */
  readonly asked: readonly string[];
  /** The `Proxy-Authorization` headers, in order. */
  readonly users: readonly (string | undefined)[];
  close(): Promise<void>;
}

/**
 * @param refuse a status with which every request is refused; `silence` answers nothing; otherwise all are let through
 */
export async function proxyServer(refuse?: number | 'silence'): Promise<ProxyServer> {
  const asked: string[] = [];
  const users: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // either side may break off
  };
  const note = ({ method, url, headers }: IncomingMessage) => {
    asked.push(`${method} ${url}`);
    users.push(headers['proxy-authorization']);
  };
  const server = createServer((request, response) => {
    note(request);
    if (refuse === 'silence') return;
    if (refuse !== undefined) {
      response.writeHead(refuse).end('<html>no</html>');
      return;
    }
    // The path is passed on as it came: a URL object would fold its dots.
    const [, host = '', port = '', path = ''] = /^http:\/\/([^:/]+):(\d+)(.*)$/.exec(request.url ?? '') ?? [];
    const onward = httpRequest(
      { host, port, path, method: request.method, headers: request.headers },
      (reply) => {
        response.writeHead(reply.statusCode ?? 0, reply.headers);
        reply.pipe(response);
      },
    );
    request.pipe(onward);
  });
  server.on('connection', keep);
  server.on('connect', (request, socket: Socket) => {
    note(request);
    if (refuse === 'silence') return;
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    keep(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has a port
    asked,
    users,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
