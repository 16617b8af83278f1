import { createServer } from 'node:net';
import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { versionId } from '../../shared/storage/port.ts';
import type { Target } from './run.ts';

const xml = (body: string, ...headers: string[]) => reply(200, `<?xml version="1.0"?>${body}`, ...headers);

function reply(status: number, body: string, ...headers: string[]): string {
  const lines = [
    `HTTP/1.1 ${status} X`,
    'x-oss-request-id: r',
    'Date: Sat, 28 Nov 2026 10:00:00 GMT',
    ...headers,
  ];
  return `${[...lines, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`;
}

const owner = '<Owner><ID>1</ID><DisplayName>1</DisplayName></Owner>';
const refusal = (code: string) => `<Error><Code>${code}</Code><Message>m</Message><EC>1</EC></Error>`;

const inputs: readonly [string, ...string[]] = [
  reply(
    200,
    '',
    'Last-Modified: Sat, 28 Nov 2026 09:00:00 GMT',
    'ETag: "E"',
    'x-oss-object-type: Normal',
    'x-oss-version-id: v',
    'x-oss-tagging-count: 1',
    'x-oss-object-worm-mode: COMPLIANCE',
    'x-oss-object-worm-retain-until-date: 2033-01-01T00:00:00.000Z',
  ),
  xml('<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'),
  xml(
    '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2033-01-01T00:00:00.000Z</RetainUntilDate></Retention>',
  ),
  xml(
    '<WormConfiguration><WormId>W</WormId><State>Locked</State><RetentionPeriodInDays>365</RetentionPeriodInDays>' +
      '<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></WormConfiguration>',
  ),
  xml(
    `<ListVersionsResult><Name>b</Name><IsTruncated>false</IsTruncated><Version><Key>k</Key><VersionId>v</VersionId><IsLatest>true</IsLatest><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"E"</ETag><Type>Normal</Type><Size>1</Size>${owner}</Version></ListVersionsResult>`,
  ),
  xml(
    `<ListAllMyBucketsResult>${owner}<Buckets><Bucket><Name>b</Name><Region>cn-hangzhou</Region><Location>oss-cn-hangzhou</Location><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>`,
  ),
  reply(403, refusal('AccessDenied')),
  reply(404, refusal('NoSuchKey')),
  reply(503, refusal('ServiceUnavailable')),
];

/** A server whose next reply is given, and the reader of such replies: every call of the storage port in turn. */
export async function replyTarget(): Promise<{ readonly target: Target; close(): void }> {
  let bytes: Uint8Array = new Uint8Array();
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // the client may be gone before it was answered
    socket.once('data', () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const storage = createOssStorage({
    region: 'cn-hangzhou',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'a', accessKeySecret: 'b' },
  });
  const at = { bucket: 'bucket', key: 'k', versionId: versionId('v') };
  const calls = [
    () => storage.headObject(at),
    () => storage.getTags(at),
    () => storage.getRetention(at),
    () => storage.putRetention(at, { mode: 'COMPLIANCE', until: new Date('2033-01-01T00:00:00Z') }),
    () => storage.policies.getPolicy('bucket'),
    () => storage.getObjectWorm('bucket'),
    () => storage.listVersions('bucket', '').first(),
    () => storage.listBuckets().first(),
  ];
  let turn = 0;
  return {
    target: {
      name: 'replies of the service',
      inputs,
      words: [
        '<',
        '</',
        '>',
        '&lt;',
        '<![CDATA[',
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        '\r\n\r\n',
        '200',
        '304',
      ],
      share: 0.25,
      async read(input) {
        bytes = input;
        turn += 1;
        await calls[turn % calls.length]?.();
      },
    },
    close() {
      storage.close();
      server.close();
    },
  };
}
