import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';

/**
 * Answers as OSS would to HEAD and to PutObjectRetention of what was written before, and does nothing else. It says its
 * port, and then what it has counted whenever it is asked for.
 */
const program = (delayMs: number) => `
  const written = new Set();
  const counts = { requests: 0, opened: 0, open: 0 };
  const headers = { 'x-oss-request-id': 'R', etag: '"00"', 'x-oss-object-type': 'Normal', 'x-oss-version-id': 'V',
    'last-modified': 'Fri, 24 Feb 2012 06:07:48 GMT', 'content-length': 0 };
  const worm = { ...headers, 'x-oss-object-worm-mode': 'COMPLIANCE', 'x-oss-object-worm-retain-until-date': '2102-02-24T06:07:48.000Z' };
  const server = require('http').createServer({ keepAliveTimeout: 60000 }, (request, response) => {
    counts.requests += 1;
    const key = request.url.split('?')[0];
    const answer = () => response.writeHead(200, written.has(key) ? worm : headers).end();
    if (request.method === 'PUT') written.add(key);
    request.resume().on('end', () => ${delayMs === 0 ? 'answer()' : `setTimeout(answer, ${delayMs})`});
  });
  server.on('connection', (socket) => {
    counts.opened += 1;
    counts.open += 1;
    socket.on('close', () => { counts.open -= 1; });
  });
  process.on('message', (what) => {
    if (what === 'forget') written.clear();
    process.send({ ...counts });
  });
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));`;

const counted = z.object({ requests: z.number(), opened: z.number(), open: z.number() });

export interface RetentionServer {
  readonly port: number;
  /** Counts since the start of the server: requests, connections that were opened, and those that are open now. */
  counts(): Promise<z.infer<typeof counted>>;
  /** Lets it forget what was written. */
  forget(): Promise<void>;
  close(): void;
}

/** Starts a server in a process of its own, so that its CPU is not counted. @param delayMs before each answer */
export async function retentionServer(delayMs: number): Promise<RetentionServer> {
  const child = spawn(process.execPath, ['-e', program(delayMs)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const next = async () => {
    const [message]: unknown[] = await once(child, 'message');
    return message;
  };
  const { port } = z.object({ port: z.number() }).parse(await next());
  const ask = async (what: string) => {
    child.send(what);
    return counted.parse(await next());
  };
  return {
    port,
    counts: () => ask('counts'),
    async forget() {
      await ask('forget');
    },
    close: () => void child.kill(),
  };
}
