import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OssEvent } from '../../../local/oss/index.ts';
import { expectOk, makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'events');
  await makeBucket(server, 'versioned', { versioning: true });
});
afterAll(() => server.close());
beforeEach(() => {
  server.events.length = 0;
  server.setTime('2026-11-22T10:00:00.123Z');
});

const seen = () =>
  server.events.map(({ eventName, oss: { object } }) => [
    eventName,
    object.key,
    object.size,
    object.deltaSize,
  ]);

test('an upload raises the event in full, the key as it is (reference/function-compute.md, 2a)', async () => {
  const headers = { 'content-type': 'text/csv', 'x-oss-meta-case': 'A-1', 'x-oss-tagging': 'a=b' };
  const reply = await expectOk(rawCall(server, 'PUT /events/目录/a b+%.txt', { body: 'hello', headers }));
  expect(server.events).toEqual([
    {
      eventName: 'ObjectCreated:PutObject',
      eventSource: 'acs:oss',
      eventTime: '2026-11-22T10:00:00.123Z',
      eventVersion: '1.0',
      region: 'cn-hangzhou',
      oss: {
        bucket: {
          arn: 'acs:oss:cn-hangzhou:1234567890123456:events',
          name: 'events',
          ownerIdentity: '1234567890123456',
          virtualBucket: '',
        },
        object: {
          key: '目录/a b+%.txt',
          size: 5,
          deltaSize: 5,
          eTag: '5D41402ABC4B2A76B9719D911017C592',
          objectMeta: { mimeType: 'text/csv', userMeta: { 'x-oss-meta-case': 'A-1' } },
        },
        ossSchemaVersion: '1.0',
        ruleId: '',
      },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { requestId: reply.headers['x-oss-request-id'] },
      userIdentity: { principalId: '1234567890123456' },
    },
  ]);
});

test('an event of a bucket that nobody watches is not raised', async () => {
  const events: OssEvent[] = [];
  const other = await startOss(undefined, {
    onEvent: (event) => events.push(event),
    isWatched: (bucket) => bucket === 'watched',
  });
  for (const bucket of ['watched', 'unwatched']) {
    await makeBucket(other, bucket);
    await putObject(other, `/${bucket}/a`, '1');
  }
  expect(events.map(({ oss }) => oss.bucket.name)).toEqual(['watched']);
  await other.close();
});

test('deltaSize is the change against what was current before', async () => {
  await putObject(server, '/versioned/a', '12345');
  await putObject(server, '/versioned/a', '12');
  await expectOk(rawCall(server, 'DELETE /versioned/a'));
  await putObject(server, '/versioned/a', '123');
  expect(seen()).toEqual([
    ['ObjectCreated:PutObject', 'a', 5, 5],
    ['ObjectCreated:PutObject', 'a', 2, -3],
    ['ObjectCreated:PutObject', 'a', 3, 3],
  ]);
});

test('every way to create an object has its event', async () => {
  await putObject(server, '/events/source', '1234');
  await expectOk(rawCall(server, 'PUT /events/copy', { headers: { 'x-oss-copy-source': '/events/source' } }));
  await expectOk(rawCall(server, 'POST /events/log', { query: { append: '', position: '0' }, body: '12' }));
  await expectOk(rawCall(server, 'POST /events/log', { query: { append: '', position: '2' }, body: '345' }));
  const symlink = { query: { symlink: '' }, headers: { 'x-oss-symlink-target': 'source' } };
  await expectOk(rawCall(server, 'PUT /events/link', symlink));
  const begun = await expectOk(rawCall(server, 'POST /events/big', { query: { uploads: '' } }));
  const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
  const part = { query: { uploadId, partNumber: '1' }, body: '1234567' };
  const { headers } = await expectOk(rawCall(server, 'PUT /events/big', part));
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${headers['etag']}</ETag></Part></CompleteMultipartUpload>`;
  await expectOk(rawCall(server, 'POST /events/big', { query: { uploadId }, body }));
  expect(seen()).toEqual([
    ['ObjectCreated:PutObject', 'source', 4, 4],
    ['ObjectCreated:CopyObject', 'copy', 4, 4],
    ['ObjectCreated:AppendObject', 'log', 2, 2],
    ['ObjectCreated:AppendObject', 'log', 5, 3],
    ['ObjectCreated:PutSymlink', 'link', 0, 0],
    ['ObjectCreated:InitiateMultipartUpload', 'big', 0, 0],
    ['ObjectCreated:UploadPart', 'big', 7, 7],
    ['ObjectCreated:CompleteMultipartUpload', 'big', 7, 7],
  ]);
  expect(server.events.at(-1)?.oss.object.eTag).toMatch(/^[0-9A-F]{32}-1$/);
});

test('an object that is gone for good has an event, a delete marker has none', async () => {
  await putObject(server, '/events/gone', '1234');
  const versionId = await putObject(server, '/versioned/gone', '12');
  server.events.length = 0;
  await expectOk(rawCall(server, 'DELETE /events/gone'));
  await expectOk(rawCall(server, 'DELETE /events/never-was'));
  await expectOk(rawCall(server, 'DELETE /versioned/gone'));
  expect(seen()).toEqual([['ObjectRemoved:DeleteObject', 'gone', 4, -4]]);
  await expectOk(rawCall(server, 'DELETE /versioned/gone', { query: { versionId } }));
  expect(seen()).toHaveLength(2);
});

test('what is refused, and what only changes tags or retention, raises nothing', async () => {
  await makeBucket(server, 'quiet', { objectWorm: true });
  await putObject(server, '/quiet/a');
  server.events.length = 0;
  const tags = '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>';
  await expectOk(rawCall(server, 'PUT /quiet/a', { query: { tagging: '' }, body: tags }));
  const retention =
    '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>';
  await expectOk(rawCall(server, 'PUT /quiet/a', { query: { retention: '' }, body: retention }));
  await rawCall(server, 'PUT /missing/a', { body: 'x' });
  await rawCall(server, 'PUT /quiet/b', {
    headers: { 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' },
    body: 'x',
  });
  expect(server.events).toEqual([]);
});
