import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Answers as OSS would to HEAD and to PutObjectRetention of what was written before, and does nothing else. */
const program = (delayMs: number) => `
  const written = new Set();
  const headers = { 'x-oss-request-id': 'R', etag: '"00"', 'x-oss-object-type': 'Normal', 'x-oss-version-id': 'V',
    'last-modified': 'Fri, 24 Feb 2012 06:07:48 GMT', 'content-length': 0 };
  const worm = { ...headers, 'x-oss-object-worm-mode': 'COMPLIANCE', 'x-oss-object-worm-retain-until-date': '2102-02-24T06:07:48.000Z' };
  const server = require('http').createServer((request, response) => {
    const key = request.url.split('?')[0];
    if (request.method === 'DELETE') written.clear();
    const answer = () => response.writeHead(200, written.has(key) ? worm : headers).end();
    if (request.method === 'PUT') written.add(key);
    request.resume().on('end', () => ${delayMs === 0 ? 'answer()' : `setTimeout(answer, ${delayMs})`});
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

export interface RetentionServer {
  readonly port: number;
  close(): void;
}

/** Starts a server in a process of its own, so that its CPU is not counted. */
export async function retentionServer(delayMs: number): Promise<RetentionServer> {
  const child = spawn(process.execPath, ['-e', program(delayMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { port: Number(String(line)), close: () => void child.kill() };
}
