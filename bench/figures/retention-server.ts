import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';

/**
 * Answers as OSS would to HEAD, to PutObjectRetention of what was written before and to a list of its versions, and does nothing else. It
 * says its port, and then what it has counted whenever it is asked for.
 */
const program = (delayMs: number, versions: number) => `
  const entry = (number) => '<Version><Key>key-' + number + '</Key><VersionId>V</VersionId><IsLatest>true</IsLatest>' +
    '<LastModified>2012-02-24T06:07:48.000Z</LastModified><ETag>"00"</ETag><Type>Normal</Type><Size>2048</Size></Version>';
  const listed = (from) => {
    const end = Math.min(${versions}, from + 1000);
    const next = end < ${versions} ? '<NextKeyMarker>key-' + (end - 1) + '</NextKeyMarker><NextVersionIdMarker>' + end + '</NextVersionIdMarker>' : '';
    return '<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>' + (next !== '') + '</IsTruncated>' + next +
      Array.from({ length: end - from }, (_, index) => entry(from + index)).join('') + '</ListVersionsResult>';
  };
  const list = (url, response) => {
    const body = listed(Number(new URL(url, 'http://oss').searchParams.get('version-id-marker')));
    response.writeHead(200, { 'x-oss-request-id': 'R', 'content-type': 'application/xml', 'content-length': body.length }).end(body);
  };
  const written = new Set();
  const counts = { requests: 0, opened: 0, open: 0 };
  const headers = { 'x-oss-request-id': 'R', etag: '"00"', 'x-oss-object-type': 'Normal', 'x-oss-version-id': 'V',
    'last-modified': 'Fri, 24 Feb 2012 06:07:48 GMT', 'content-length': 0 };
  const worm = { ...headers, 'x-oss-object-worm-mode': 'COMPLIANCE', 'x-oss-object-worm-retain-until-date': '2102-02-24T06:07:48.000Z' };
  const server = require('http').createServer({ keepAliveTimeout: 60000 }, (request, response) => {
    counts.requests += 1;
    const key = request.url.split('?')[0];
    const isList = request.method === 'GET' && /[?&]versions/.test(request.url);
    const answer = () => isList ? list(request.url, response) : response.writeHead(200, written.has(key) ? worm : headers).end();
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

/**
 * Starts a server in a process of its own, so that its CPU is not counted.
 * @param delayMs before each answer
 * @param versions that it lists, named key-0, key-1 and so on, in no other order
 */
export async function retentionServer(delayMs: number, versions = 0): Promise<RetentionServer> {
  const child = spawn(process.execPath, ['-e', program(delayMs, versions)], {
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
