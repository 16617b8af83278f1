import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Starts a server that hands each request on to another one, so that a test can do something at a certain moment of a command.
 * @param before is called, and waited for, before a request is handed on
 * @returns its address
 */
export async function forwarder(
  target: string,
  before: (method: string, path: string) => Promise<void> | void,
): Promise<string> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, reply) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    void Promise.resolve(before(method, path)).then(() => {
      const onward = request({ hostname, port, method, path, headers }, (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      });
      onward.on('error', () => reply.destroy());
      incoming.pipe(onward);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port: own } = server.address() as AddressInfo; // a TCP server's address is never a string
  return `http://127.0.0.1:${own}`;
}
