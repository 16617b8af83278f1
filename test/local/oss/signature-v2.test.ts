import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBucket, putObject, send } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

// Signature version 2 as oss2 makes it (oss2 auth.py, ProviderAuthV2).

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'two');
  await putObject(server, '/two/a b/c.txt', 'hello');
});
afterAll(() => server.close());

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

interface Signing {
  readonly secret?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly additional?: readonly string[];
}

function signature(path: string, date: string, signing: Signing): string {
  const { secret = accessKeySecret, query = {}, headers = {}, additional = [] } = signing;
  const signed = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-oss-') || additional.includes(name))
    .sort()
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  const parameters = Object.entries(query)
    .map(([name, value]) => (value === '' ? encode(name) : `${encode(name)}=${encode(value)}`))
    .sort()
    .join('&');
  const resource = encode(path) + (parameters && `?${parameters}`);
  const text = `GET\n\n\n${date}\n${signed}${additional.join(';')}\n${resource}`;
  return createHmac('sha256', secret).update(text).digest('base64');
}

const search = (query: Record<string, string>) =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');

function get(path: string, signing: Signing, sent: Signing = signing) {
  const date = server.now().toUTCString();
  const named = signing.additional ? `AdditionalHeaders:${signing.additional.join(';')},` : '';
  const authorization = `OSS2 AccessKeyId:${accessKeyId},${named}Signature:${signature(path, date, signing)}`;
  const headers = { ...sent.headers, date, authorization };
  return send(server, 'GET', `${encodeURI(path)}?${search(sent.query ?? {})}`, { headers });
}

test.each([
  ['an object', '/two/a b/c.txt', {}],
  ['a listing with its filters', '/two/', { query: { prefix: 'a b/', 'max-keys': '1' } }],
  ['a sub-resource', '/two/', { query: { acl: '' } }],
  ['a header that it names', '/two/a b/c.txt', { headers: { range: 'bytes=0-1' }, additional: ['range'] }],
])('signed in the header: %s', async (_name, path, signing) => {
  expect((await get(path, signing)).status).toBeLessThan(300);
});

test.each([
  ['another secret', '/two/a b/c.txt', { secret: 'other' }, {}],
  ['another parameter', '/two/', { query: { prefix: 'a' } }, { query: { prefix: 'b' } }],
  ['a sub-resource added', '/two/', {}, { query: { acl: '' } }],
  [
    'a header changed that it names',
    '/two/a b/c.txt',
    { headers: { range: 'bytes=0-1' }, additional: ['range'] },
    { headers: { range: 'bytes=0-2' }, additional: ['range'] },
  ],
])('%s is refused', async (_name, path, signing, sent) => {
  expect((await get(path, signing, sent)).code).toBe('SignatureDoesNotMatch');
});

function signedUrl(path: string, until: number, more: Record<string, string> = {}): string {
  const expires = String(until);
  const query = {
    ...more,
    'x-oss-signature-version': 'OSS2',
    'x-oss-expires': expires,
    'x-oss-access-key-id': accessKeyId,
  };
  const signed = signature(path, expires, { query });
  return `${encodeURI(path)}?${search({ ...query, 'x-oss-signature': signed })}`;
}

test('a signed URL works until its end, and only as it was signed', async () => {
  const far = 4_000_000_000;
  const url = signedUrl('/two/a b/c.txt', far, { 'response-content-type': 'text/css' });
  expect((await send(server, 'GET', url)).body).toBe('hello');
  expect((await send(server, 'GET', url.replace('text%2Fcss', 'text%2Fhtml'))).code).toBe(
    'SignatureDoesNotMatch',
  );
  expect((await send(server, 'GET', signedUrl('/two/a b/c.txt', 1))).body).toContain('Request has expired.');
  expect((await send(server, 'GET', url.replace(String(far), 'soon'))).code).toBe('InvalidArgument');
});

test('without a date it is refused', async () => {
  const authorization = `OSS2 AccessKeyId:${accessKeyId},Signature:x`;
  expect((await send(server, 'GET', '/two/', { headers: { authorization } })).code).toBe('AccessDenied');
});
