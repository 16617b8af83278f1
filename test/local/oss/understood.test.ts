import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'names');
  await putObject(server, '/names/a.txt', 'hello');
});
afterAll(() => server.close());

const ignored = () => server.oss.requests.list().at(-1)?.ignored;

test.each([
  ['GET /names/a.txt', 'x-oss-user-agent', 'aliyun-sdk-nodejs/6.16.0'],
  ['PUT /names/b.txt', 'x-oss-user-agent', 'aliyun-sdk-js/6.23.0'],
  ['GET /names/', 'x-oss-tagging', 'a=1'],
  ['GET /names/a.txt', 'x-oss-object-acl', 'private'],
  ['PUT /names/b.txt', 'x-oss-metadata-directive', 'REPLACE'],
  ['DELETE /names/missing.txt', 'x-oss-copy-source', '/names/a.txt'],
  ['HEAD /names/a.txt', 'x-oss-storage-class', 'IA'],
  ['PUT /names/b.txt', 'x-oss-meaning-nothing', 'x'],
])('%s ignores the header %s, and the log says so', async (target, name, value) => {
  await expectOk(rawCall(server, target, { headers: { [name]: value } }));
  expect(ignored()).toEqual([name]);
});

test.each([
  ['GET /names/a.txt', { spm: 'a2c4g.1' }],
  ['GET /names/a.txt', { spm: '' }],
  ['HEAD /names/a.txt', { filename: 'x.js' }],
  ['GET /names/', { prefix: 'a', spm: 'a2c4g.1' }],
  ['PUT /names/b.txt', { spm: 'a2c4g.1' }],
  ['DELETE /names/missing.txt', { spm: 'a2c4g.1' }],
])('%s ignores parameters of %j that mean nothing', async (target, query) => {
  await expectOk(rawCall(server, target, { query }));
  expect(ignored()).toEqual(['?spm', '?filename'].filter((name) => name.slice(1) in query));
});

test('ignoring nothing is what the log says of a plain request', async () => {
  await expectOk(rawCall(server, 'GET /names/', { query: { prefix: 'a', 'encoding-type': 'url' } }));
  expect(ignored()).toEqual([]);
});

test('headers that clients repeat on the other calls of a multipart upload', async () => {
  const repeated = {
    'x-oss-tagging': 'a=1',
    'x-oss-object-acl': 'private',
    'x-oss-metadata-directive': 'REPLACE',
    'x-oss-copy-source-if-match': 'x',
    'x-oss-user-agent': 'x',
  };
  const headers = { ...repeated, 'x-oss-meta-a': 'b' };
  const begun = await expectOk(rawCall(server, 'POST /names/m', { query: { uploads: '' }, headers }));
  const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
  const query = { uploadId, partNumber: '1' };
  const part = await expectOk(rawCall(server, 'PUT /names/m', { query, headers, body: 'x' }));
  await expectOk(rawCall(server, 'GET /names/m', { query: { uploadId }, headers }));
  expect(ignored()).toEqual([...Object.keys(repeated), 'x-oss-meta-a']);
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`;
  await expectOk(
    rawCall(server, 'POST /names/m', { query: { uploadId, sequential: '' }, headers: repeated, body }),
  );
  expect(ignored()).toContain('?sequential');
  const tags = await expectOk(rawCall(server, 'GET /names/m', { query: { tagging: '' } }));
  expect(tags.body).toContain('<Key>a</Key>');
});

test.each([
  ['GET /names/', { metaQuery: '' }, 'metaQuery'],
  ['GET /names/a.txt', { 'x-oss-process': 'image/resize' }, 'x-oss-process'],
  ['PUT /names/a.txt', { callback: 'e30=' }, 'callback'],
  ['DELETE /names/', { replication: '' }, 'replication'],
  ['DELETE /names/', { unheardOf: '' }, 'unheardOf'],
  ['PUT /names/', { unheardOf: '' }, 'unheardOf'],
  ['PUT /names/a.txt', { unheardOf: '' }, 'unheardOf'],
  ['GET /names/a.txt', { select: '' }, 'select'],
])('%s refuses the sub-resource of %j by name', async (target, query, name) => {
  const reply = await rawCall(server, target, { query });
  expect(reply).toMatchObject({ status: 501, code: 'NotImplemented' });
  expect(reply.body).toContain(`<Parameter>${name}</Parameter>`);
  expect((await rawCall(server, 'GET /names/a.txt')).body).toBe('hello');
});

test.each([
  ['PUT /names/a.txt', 'x-oss-callback'],
  ['PUT /names/a.txt', 'x-oss-object-worm-later'],
  ['POST /names/a.txt', 'x-oss-object-worm-mode'],
  ['PUT /names/', 'x-oss-hns-status'],
])('%s refuses the header %s by name', async (target, name) => {
  const query = target.startsWith('POST') ? { append: '', position: '0' } : {};
  const reply = await rawCall(server, target, { query, headers: { [name]: 'x' } });
  expect(reply).toMatchObject({ status: 501, code: 'NotImplemented' });
  expect(reply.body).toContain(`<Header>${name}</Header>`);
});

test.each([
  ['a flag', { brandNew: '' }],
  ['a value', { brandNew: '1' }],
  ['a listed and an unlisted name', { tagging: '', brandNew: '' }],
  ['a sub-resource that only some clients sign', { regionList: '' }],
])(
  'V1 verifies when the client signs %s, so that nobody looks for a fault in the key',
  async (_name, query) => {
    const reply = await rawCall(server, 'DELETE /names/', { query });
    expect(reply.code).not.toBe('SignatureDoesNotMatch');
  },
);

test('V1 refuses a sub-resource that was added behind the signature', async () => {
  const { signed, sent } = { signed: { uploads: '' }, sent: { acl: '' } };
  const reply = await rawCall(server, 'GET /names/', { query: signed, sentQuery: sent });
  expect(reply.code).toBe('SignatureDoesNotMatch');
});
