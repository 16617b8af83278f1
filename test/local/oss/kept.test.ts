import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, type RawReply, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

// What a request gives is kept; dates in XML have one form.

let server: OssServer;
beforeAll(async () => {
  server = await startOss('2026-11-22T10:00:00.789Z');
  await makeBucket(server, 'kept');
});
afterAll(() => server.close());

async function begin(path: string, headers: Record<string, string> = {}): Promise<string> {
  const begun = await expectOk(rawCall(server, `POST ${path}`, { query: { uploads: '' }, headers }));
  return /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
}

const part = (path: string, uploadId: string, partNumber: string, body: string) =>
  expectOk(rawCall(server, `PUT ${path}`, { query: { uploadId, partNumber }, body }));

const document = (...parts: readonly (readonly [string, RawReply])[]) =>
  `<CompleteMultipartUpload>${parts
    .map(
      ([number, { headers }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${headers['etag']}</ETag></Part>`,
    )
    .join('')}</CompleteMultipartUpload>`;

const aclOf = async (path: string) =>
  /<Grant>(.*)</.exec((await rawCall(server, `GET ${path}`, { query: { acl: '' } })).body)?.[1];

test.each([
  ['given at the end', {}, { 'x-oss-object-acl': 'public-read' }, 'public-read'],
  ['given at the beginning', { 'x-oss-object-acl': 'private' }, {}, 'private'],
  ['given at both', { 'x-oss-object-acl': 'private' }, { 'x-oss-object-acl': 'public-read' }, 'public-read'],
])('the ACL of a multipart upload %s is kept', async (name, before, headers, acl) => {
  const path = `/kept/${name}`;
  const uploadId = await begin(path, before);
  const first = await part(path, uploadId, '1', 'x');
  await expectOk(
    rawCall(server, `POST ${path}`, { query: { uploadId }, headers, body: document(['1', first]) }),
  );
  expect(await aclOf(path)).toBe(acl);
});

test('x-oss-complete-all takes all parts, by number', async () => {
  const uploadId = await begin('/kept/all');
  await part('/kept/all', uploadId, '2', 'b');
  await part('/kept/all', uploadId, '1', 'a');
  const headers = { 'x-oss-complete-all': 'yes' };
  const query = { uploadId };
  const both = await rawCall(server, 'POST /kept/all', {
    query,
    headers,
    body: '<CompleteMultipartUpload/>',
  });
  expect(both).toMatchObject({ status: 400, code: 'InvalidArgument' });
  expect(both.headers['x-oss-ec']).toBe('0042-00000216');
  await expectOk(rawCall(server, 'POST /kept/all', { query, headers }));
  expect((await rawCall(server, 'GET /kept/all')).body).toBe('ab');
});

test('completing without parts makes an empty object', async () => {
  const uploadId = await begin('/kept/none');
  const body = '<CompleteMultipartUpload></CompleteMultipartUpload>';
  await expectOk(rawCall(server, 'POST /kept/none', { query: { uploadId }, body }));
  expect(await rawCall(server, 'GET /kept/none')).toMatchObject({ status: 200, body: '' });
});

test('an upload that is not there is said before the body is read', async () => {
  const reply = await rawCall(server, 'POST /kept/gone', { query: { uploadId: 'none' }, body: 'no xml' });
  expect(reply).toMatchObject({ status: 404, code: 'NoSuchUpload' });
});

test.each([
  ['UploadPart', 'PUT', { partNumber: '1' }, {}, '0042-00000104'],
  ['UploadPartCopy', 'PUT', { partNumber: '1' }, { 'x-oss-copy-source': '/kept/src' }, '0042-00000311'],
  ['AbortMultipartUpload', 'DELETE', {}, {}, '0042-00000002'],
])('%s says NoSuchUpload with its own EC', async (_name, method, query, headers, ec) => {
  await putObject(server, '/kept/src');
  const reply = await rawCall(server, `${method} /kept/m`, {
    query: { uploadId: 'none', ...query },
    headers,
  });
  expect(reply.code).toBe('NoSuchUpload');
  expect(reply.headers['x-oss-ec']).toBe(ec);
});

test.each([
  ['without a type', {}, 'text/css'],
  ['with a type', { 'content-type': 'text/html' }, 'text/html'],
])('a copy that replaces metadata %s', async (_name, more, type) => {
  await putObject(server, '/kept/typed', 'x', { 'content-type': 'text/css', 'x-oss-meta-a': 'b' });
  const headers = { 'x-oss-copy-source': '/kept/typed', 'x-oss-metadata-directive': 'REPLACE', ...more };
  await expectOk(rawCall(server, 'PUT /kept/copy', { headers }));
  const head = await rawCall(server, 'HEAD /kept/copy');
  expect(head.headers['content-type']).toBe(type);
  expect(head.headers['x-oss-meta-a']).toBeUndefined();
});

test('a copy that replaces metadata keeps the keys of client-side encryption, unless it has its own', async () => {
  const key = 'x-oss-meta-client-side-encryption-key';
  const iv = 'x-oss-meta-client-side-encryption-start';
  await putObject(server, '/kept/sealed', 'x', { [key]: 'k', [iv]: 's', 'x-oss-meta-a': 'b' });
  const headers = { 'x-oss-copy-source': '/kept/sealed', 'x-oss-metadata-directive': 'REPLACE', [iv]: 't' };
  await expectOk(rawCall(server, 'PUT /kept/sealed-copy', { headers }));
  const head = await rawCall(server, 'HEAD /kept/sealed-copy');
  expect(head.headers).toMatchObject({ [key]: 'k', [iv]: 't' });
  expect(head.headers['x-oss-meta-a']).toBeUndefined();
});

test('ListParts tells what the upload says of client-side encryption', async () => {
  const meta = Object.entries({
    key: 'k',
    start: 's',
    'cek-alg': 'AES',
    'wrap-alg': 'RSA',
    'data-size': '9',
    'part-size': '5',
  });
  const uploadId = await begin(
    '/kept/sealed-parts',
    Object.fromEntries(meta.map(([name, value]) => [`x-oss-meta-client-side-encryption-${name}`, value])),
  );
  const { body } = await rawCall(server, 'GET /kept/sealed-parts', { query: { uploadId } });
  expect(
    [...body.matchAll(/<ClientEncryption(\w+)>(\w+)</g)].map(([, name, value]) => `${name} ${value}`),
  ).toEqual(['Key k', 'Start s', 'CekAlg AES', 'WrapAlg RSA', 'DataSize 9', 'PartSize 5']);
  const plain = await begin('/kept/plain-parts');
  const listed = await rawCall(server, 'GET /kept/plain-parts', { query: { uploadId: plain } });
  expect(listed.body).not.toContain('ClientEncryption');
});

test('every date in XML has whole seconds, written .000Z', async () => {
  const uploadId = await begin('/kept/dates');
  await part('/kept/dates', uploadId, '1', 'x');
  await putObject(server, '/kept/dated');
  const copy = { 'x-oss-copy-source': '/kept/dated' };
  const replies = [
    await rawCall(server, 'GET /'),
    await rawCall(server, 'GET /kept/', { query: { bucketInfo: '' } }),
    await rawCall(server, 'GET /kept/'),
    await rawCall(server, 'GET /kept/', { query: { versions: '' } }),
    await rawCall(server, 'GET /kept/', { query: { uploads: '' } }),
    await rawCall(server, 'GET /kept/dates', { query: { uploadId } }),
    await rawCall(server, 'PUT /kept/copied', { headers: copy }),
    await rawCall(server, 'PUT /kept/dates', { query: { uploadId, partNumber: '2' }, headers: copy }),
  ];
  for (const reply of replies) {
    const dates = [...reply.body.matchAll(/<(?:CreationDate|LastModified|Initiated)>(.*?)</g)];
    expect(dates.length).toBeGreaterThan(0);
    for (const [, date] of dates) expect(date).toBe('2026-11-22T10:00:00.000Z');
  }
});

test('a sequential upload takes its parts in order, and its object has a Content-MD5', async () => {
  const path = '/kept/sequential';
  const begun = await expectOk(rawCall(server, `POST ${path}`, { query: { uploads: '', sequential: '' } }));
  const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
  const put = (partNumber: string, headers = {}) =>
    rawCall(server, `PUT ${path}`, { query: { uploadId, partNumber }, body: 'hel', headers });
  expect(await put('2')).toMatchObject({ status: 400, code: 'PartNotSequential' });
  const first = await expectOk(put('1'));
  expect(await put('1')).toMatchObject({ status: 409, code: 'PartAlreadyExist' });
  await putObject(server, '/kept/source', 'lo');
  const copied = { 'x-oss-copy-source': '/kept/source' };
  expect((await put('3', copied)).code).toBe('PartNotSequential');
  const second = await expectOk(put('2', copied));
  const etag = /<ETag>(.*)</.exec(second.body)?.[1];
  const body = document(['1', first], ['2', { ...second, headers: { etag } }]);
  await expectOk(rawCall(server, `POST ${path}`, { query: { uploadId }, body }));
  const { headers } = await rawCall(server, `HEAD ${path}`);
  expect(headers['content-md5']).toBe('XUFAKrxLKna5cZ2REBfFkg=='); // of hello
  expect(headers['x-oss-object-type']).toBe('Multipart');
});

test('a sealed object takes no more', async () => {
  const append = (position: string, key = 'log') =>
    rawCall(server, `POST /kept/${key}`, { query: { append: '', position }, body: 'abc' });
  const seal = (position: string, key = 'log') =>
    rawCall(server, `POST /kept/${key}`, { query: { seal: '', position } });
  expect((await seal('0')).code).toBe('NoSuchKey');
  await expectOk(append('0'));
  expect(await seal('0')).toMatchObject({ status: 409, code: 'PositionNotEqualToLength' });
  expect((await rawCall(server, 'HEAD /kept/log')).headers['x-oss-sealed-time']).toBeUndefined();
  const { headers } = await expectOk(seal('3'));
  const time = server.now().toUTCString();
  expect(headers).toMatchObject({ 'x-oss-sealed-time': time, 'x-oss-object-type': 'Appendable' });
  server.advance(5000);
  expect((await expectOk(seal('3'))).headers['x-oss-sealed-time']).toBe(time);
  for (const method of ['HEAD', 'GET']) {
    expect((await rawCall(server, `${method} /kept/log`)).headers['x-oss-sealed-time']).toBe(time);
  }
  expect(await append('3')).toMatchObject({ status: 409, code: 'AppendSealedObjectNotAllowed' });
  await putObject(server, '/kept/normal');
  expect(await seal('7', 'normal')).toMatchObject({ status: 409, code: 'AppendSealedObjectNotAllowed' });
});
