import { request } from 'node:http';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { RawHead } from '../../../../shared/storage/oss/raw-head.ts';

const reply = [
  'HTTP/1.1 200 OK',
  'ETag: "a"',
  'etag: "b"',
  'X-Oss-Version-Id: one',
  'x-oss-version-id:   two  ',
  'Last-Modified: Fri, 24 Feb 2012 06:07:48 GMT',
  'LAST-MODIFIED: Sat, 25 Feb 2012 06:07:48 GMT',
  'Server: AliyunOSS',
  'x-oss-empty:',
  'Connection: close',
  'Content-Length: 0',
].join('\r\n');

test('the headers of a reply, read one by one, are those that Node.js reads all at once', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.end(`${reply}\r\n\r\n`)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { headers, rawHeaders } = await new Promise<{
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly rawHeaders: string[];
  }>((resolve, reject) => {
    request({ host: '127.0.0.1', port }, (head) => {
      head.resume();
      resolve(head);
    })
      .on('error', reject)
      .end();
  });
  server.close();
  const bytes = rawHeaders.map((part) => Buffer.from(part, 'latin1'));
  for (const raw of [rawHeaders, bytes]) {
    const head = new RawHead(200, raw);
    expect([...new Set(head.names())]).toEqual(Object.keys(headers));
    for (const name of [...Object.keys(headers), 'x-oss-none']) {
      expect([name, head.header(name)]).toEqual([name, headers[name]]);
    }
  }
});
