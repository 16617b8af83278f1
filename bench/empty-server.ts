import { once } from 'node:events';
import { createServer } from 'node:http';
import * as z from 'zod';
import { answerParent } from './answer-parent.ts';

/** A server that reads each request and answers with a constant: what node:http costs by itself. */
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200, { 'content-length': 0 }).end());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = z.object({ port: z.number() }).parse(server.address());
answerParent(port, async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});
