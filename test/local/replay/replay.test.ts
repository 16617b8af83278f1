import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRecordings } from '../../../local/replay/recording.ts';
import { type Outcome, replay } from '../../../local/replay/replay.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
let folder: string;
beforeEach(async () => {
  server = await startOss('2026-06-05T00:00:00Z');
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

interface Pair {
  readonly name: string;
  readonly method: string;
  readonly query?: Record<string, string>;
  readonly body?: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly reply?: string;
  /** A body that is no XML. */
  readonly text?: string;
}

const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';
const common = {
  Server: 'AliyunOSS',
  'x-oss-request-id': '6A0F7F924A9D983939E9E8F4',
  'x-oss-server-time': '9',
};
const version = { 'x-oss-version-id': 'CAEQrecorded' };

/** Writes pairs in WireMock's form; each happened a second after the one before it. */
function record(pairs: readonly Pair[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, pair] of pairs.entries()) {
    const date = new Date(Date.UTC(2026, 5, 5, 0, 0, index)).toUTCString();
    const parameters = Object.entries(pair.query ?? {}).map(([name, value]) => [
      name,
      { hasExactly: [{ equalTo: value }] },
    ]);
    const document = {
      name: `Story-${pair.name}-${pair.method}-${index}`,
      insertionIndex: 100 - index,
      request: {
        urlPath: '/a/b.txt',
        method: pair.method,
        headers: { Host: { equalTo: 'recorded.oss-cn-shanghai.aliyuncs.com' } },
        queryParameters: Object.fromEntries(parameters),
        bodyPatterns:
          pair.body === undefined ? [] : [pair.query ? { equalToXml: pair.body } : { equalTo: pair.body }],
      },
      response: {
        status: pair.status ?? 200,
        headers: { ...common, Date: date, ...pair.headers },
        ...(pair.reply !== undefined && { body: `${xml}${pair.reply}\n` }),
        ...(pair.text !== undefined && { body: pair.text }),
      },
    };
    // Names that sort against the order of time.
    writeFileSync(join(folder, `${9 - index}.json`), JSON.stringify(document));
  }
}

const hello = {
  ...version,
  ETag: '"5D41402ABC4B2A76B9719D911017C592"',
  'Content-MD5': 'XUFAKrxLKna5cZ2REBfFkg==',
  'x-oss-hash-crc64ecma': '11177612005948864433',
};
const put = { name: 'put', method: 'PUT', body: 'hello', headers: hello } as const;
const tagged = {
  name: 'put',
  method: 'GET',
  query: { tagging: '', versionId: 'CAEQrecorded' },
  headers: { ...version, 'Content-Type': 'application/xml' },
  reply:
    '<Tagging>\n  <TagSet>\n    <Tag>\n      <Key>class</Key>\n      <Value>finance</Value>\n    </Tag>\n  </TagSet>\n</Tagging>',
} as const;

const read = {
  ...version,
  ETag: hello.ETag,
  'x-oss-hash-crc64ecma': hello['x-oss-hash-crc64ecma'],
  'Accept-Ranges': 'bytes',
  'Content-Type': 'application/octet-stream',
  'Last-Modified': 'Fri, 05 Jun 2026 00:00:00 GMT',
  'x-oss-object-type': 'Normal',
  'x-oss-storage-class': 'Standard',
};

const refusal = (code: string, message: string, more = '', ec = '') =>
  `<Error>\n  <Code>${code}</Code>\n  <Message>${message}</Message>\n  <RequestId>x</RequestId>\n  <HostId>x</HostId>${
    more && `\n  ${more}`
  }${
    ec && `\n  <EC>${ec}</EC>\n  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=${ec}</RecommendDoc>`
  }\n</Error>`;

function run(): Promise<readonly Outcome[]> {
  return replay(readRecordings(folder), {
    endpoint: `http://127.0.0.1:${server.port}`,
    accessKeyId,
    accessKeySecret,
    now: systemClock.now,
  });
}

test('pairs are sent in the order in which they happened, with ids mapped and tags inferred', async () => {
  record([put, tagged]);
  const outcomes = await run();
  expect(outcomes.map(({ recording }) => recording.method)).toEqual(['PUT', 'GET']);
  expect(outcomes.flatMap(({ differences }) => differences)).toEqual([]);
});

test.each([
  ['the status', { ...tagged, status: 201 }, 'status: recorded 201, got 200'],
  ['a header', { ...tagged, headers: version }, 'content-type: recorded (none), got application/xml'],
  [
    'a version that is another one',
    { ...tagged, headers: { ...tagged.headers, 'x-oss-version-id': 'CAEQx' } },
    'x-oss-version-id: recorded CAEQx',
  ],
  ['the body', { ...tagged, reply: '<Tagging>\n</Tagging>' }, 'body: recorded'],
])('a difference in %s is reported', async (_what, pair, expected) => {
  // The tags come from the first reply that shows them, so a second one is changed.
  record([put, tagged, pair]);
  const [, second, third] = await run();
  expect(second?.differences).toEqual([]);
  expect(third?.differences.join('\n')).toContain(expected);
});

test('a delete marker from before the story is made first', async () => {
  record([
    {
      name: 'gone',
      method: 'GET',
      status: 404,
      headers: {
        ...version,
        'x-oss-delete-marker': 'true',
        'x-oss-ec': '0026-00000001',
        'Content-Type': 'application/xml',
      },
      reply:
        '<Error>\n  <Code>NoSuchKey</Code>\n  <Message>The specified key does not exist.</Message>\n  <RequestId>1</RequestId>\n  <HostId>h</HostId>\n  <Key>a/b.txt</Key>\n  <EC>0026-00000001</EC>\n  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0026-00000001</RecommendDoc>\n</Error>',
    },
  ]);
  expect((await run()).flatMap(({ differences }) => differences)).toEqual([]);
});

const recordings = process.env['HOLDFAST_RECORDINGS'];
if (recordings !== undefined) {
  test('the recorded replies of the real service', async () => {
    const stories = readRecordings(recordings);
    server.setTime(stories[0]?.at ?? server.now());
    const outcomes = await replay(stories, {
      endpoint: `http://127.0.0.1:${server.port}`,
      accessKeyId,
      accessKeySecret,
      now: systemClock.now,
    });
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });
}

test('a range, a key that nobody knows, and a wrong digest are inferred from the replies', async () => {
  const ranged = {
    name: 'put',
    method: 'GET',
    status: 206,
    headers: { ...read, 'Content-Range': 'bytes 1-3/5' },
    text: 'ell',
  };
  const unknown = {
    name: 'put',
    method: 'GET',
    status: 403,
    headers: { 'x-oss-ec': '0002-00000002', 'Content-Type': 'application/xml' },
    reply: refusal(
      'InvalidAccessKeyId',
      'The OSS Access Key Id you provided does not exist in our records.',
      '<OSSAccessKeyId>nobodys</OSSAccessKeyId>',
      '0002-00000002',
    ),
  };
  const digest = {
    name: 'put',
    method: 'PUT',
    body: 'hello',
    status: 400,
    headers: { 'Content-Type': 'application/xml' },
    reply: refusal('InvalidDigest', 'The Content-MD5 you specified was invalid.'),
  };
  record([put, ranged, unknown, digest]);
  expect((await run()).map(({ differences }) => differences)).toEqual([[], [], [], []]);
});

test('a copy in a bucket without versions comes from the upload with its ETag', async () => {
  const { 'x-oss-version-id': _none, ...unversioned } = hello;
  const { 'Content-MD5': _md5, ETag: etag, ...ofCopy } = unversioned;
  const copy = {
    name: 'put',
    method: 'PUT',
    headers: {
      ...ofCopy,
      ETag: etag,
      'Content-Type': 'application/xml',
      'x-oss-copied-size': '5',
      'x-oss-ia-retrieve-flow-type': '0',
    },
    reply: `<CopyObjectResult>\n  <ETag>${etag}</ETag>\n  <LastModified>2026-06-05T00:00:01.000Z</LastModified>\n</CopyObjectResult>`,
  };
  record([{ ...put, headers: unversioned }, copy]);
  expect((await run()).map(({ differences }) => differences)).toEqual([[], []]);
});

test('a bucket that the service did not know is not made', async () => {
  const missing = {
    name: 'none',
    method: 'HEAD',
    status: 404,
    headers: {
      'x-oss-ec': '0015-00000101',
      'Content-Type': 'application/xml',
      'x-oss-err': Buffer.from('<Error><Code>NoSuchBucket</Code></Error>').toString('base64'),
    },
  };
  record([missing]);
  const [outcome] = await run();
  expect(outcome?.differences).toEqual(['x-oss-server-time: recorded 9, got (none)']); // `common` has one
});
