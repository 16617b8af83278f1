import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

/** Keys with shared prefixes, keys that are prefixes, and keys that need encoding; some are deleted again. */
const live = [
  'a',
  'a/',
  'a/1',
  'a/2',
  'a/b/1',
  'a0',
  'b/1',
  'b/2',
  'c d+e%2F',
  '目录/文',
  '目录/本',
  '\u{10000}',
  '\u{ff5e}',
];
const deleted = ['a/3', 'gone/1', 'zz'];

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'list', { versioning: true });
  for (const key of [...live, ...deleted]) await putObject(server, `/list/${key}`, 'one');
  for (const key of ['a/1', 'b/2']) await putObject(server, `/list/${key}`, 'second');
  for (const key of deleted) await expectOk(rawCall(server, `DELETE /list/${key}`));
});
afterAll(() => server.close());

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a listing should give: keys and common prefixes in one order. */
function expected(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : `${key.slice(0, end + delimiter.length)}*`;
    });
  return [...new Set(entries)].sort((a, b) => bytes(a.replace(/\*$/, ''), b.replace(/\*$/, '')));
}

function elements(body: string, name: string): string[] {
  const decode = (text: string) => decodeURIComponent(text);
  return [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    decode(text),
  );
}

/** The entries of a page; common prefixes carry a star. */
function entries(body: string): string[] {
  const prefixes = [...body.matchAll(/<CommonPrefixes>\s*<Prefix>([^<]*)</g)].map(([, text = '']) => text);
  return [...elements(body, 'Key'), ...prefixes.map((text) => `${decodeURIComponent(text)}*`)];
}

async function allPages(
  query: Record<string, string>,
  next: (body: string) => Record<string, string>,
): Promise<string[]> {
  const found: string[] = [];
  let position: Record<string, string> = {};
  for (let page = 0; page < 50; page++) {
    const reply = await expectOk(
      rawCall(server, 'GET /list/', { query: { ...query, 'encoding-type': 'url', ...position } }),
    );
    const items = entries(reply.body);
    expect(items.length).toBeLessThanOrEqual(Number(query['max-keys']));
    found.push(...items);
    if (elements(reply.body, 'IsTruncated')[0] !== 'true') return found;
    position = next(reply.body);
  }
  throw new Error('the listing does not end');
}

const listings = [
  ['ListObjects', {}, (body: string) => ({ marker: elements(body, 'NextMarker')[0] ?? '' })],
  [
    'ListObjectsV2',
    { 'list-type': '2' },
    (body: string) => ({ 'continuation-token': elements(body, 'NextContinuationToken')[0] ?? '' }),
  ],
] as const;

const shape = [
  fc.constantFrom('', 'a', 'a/', 'b/', '目录/', 'gone/', 'nothing'),
  fc.constantFrom('', '/', 'b'),
  fc.integer({ min: 1, max: 6 }),
] as const;

test.each(listings)(
  '%s: pages of any size give every object once, in the order of bytes',
  async (_name, query, next) => {
    await fc.assert(
      fc.asyncProperty(...shape, async (prefix, delimiter, size) => {
        const found = await allPages({ ...query, prefix, delimiter, 'max-keys': String(size) }, next);
        const order = (text: string) => text.replace(/\*$/, '');
        expect([...found].sort((a, b) => bytes(order(a), order(b)))).toEqual(
          expected(live, prefix, delimiter),
        );
      }),
      { numRuns: 40 },
    );
  },
);

test('ListObjectVersions: pages of any size give every version and marker once, the newest of a key first', async () => {
  const versions = [...live, ...deleted, ...deleted, 'a/1', 'b/2'];
  await fc.assert(
    fc.asyncProperty(...shape, async (prefix, delimiter, size) => {
      const ids: string[] = [];
      const found = await allPages({ versions: '', prefix, delimiter, 'max-keys': String(size) }, (body) => {
        ids.push(...elements(body, 'VersionId'));
        return {
          'key-marker': elements(body, 'NextKeyMarker')[0] ?? '',
          'version-id-marker': elements(body, 'NextVersionIdMarker')[0] ?? '',
        };
      });
      const rolled = delimiter === '' ? versions.filter((key) => key.startsWith(prefix)) : undefined;
      if (rolled) expect(found.sort(bytes)).toEqual(rolled.sort(bytes));
      else expect([...new Set(found)].length).toBe(expected([...live, ...deleted], prefix, delimiter).length);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 40 },
  );
});

test('a version list tells the latest version, its size, and where a delete marker hides it', async () => {
  const reply = await rawCall(server, 'GET /list/', { query: { versions: '', prefix: 'a/1' } });
  expect(elements(reply.body, 'IsLatest')).toEqual(['true', 'false']);
  expect(elements(reply.body, 'Size')).toEqual(['6', '3']);
  const gone = await rawCall(server, 'GET /list/', { query: { versions: '', prefix: 'gone/' } });
  expect(gone.body).toMatch(/<DeleteMarker>.*<IsLatest>true<.*<\/DeleteMarker>/s);
});

test('without encoding-type keys are written as they are', async () => {
  const reply = await rawCall(server, 'GET /list/', { query: { prefix: 'c' } });
  expect(reply.body).toContain('<Key>c d+e%2F</Key>');
});

test.each(['0', '1001', 'x', '-1'])('max-keys %s is refused', async (size) => {
  expect((await rawCall(server, 'GET /list/', { query: { 'max-keys': size } })).code).toBe('InvalidArgument');
});

describe('ListBuckets', () => {
  test('pages by prefix', async () => {
    for (const name of ['pages-c', 'pages-a', 'pages-b']) await makeBucket(server, name);
    const query = { prefix: 'pages-', 'max-keys': '2' };
    const first = await rawCall(server, 'GET /', { query });
    expect(elements(first.body, 'Name')).toEqual(['pages-a', 'pages-b']);
    const marker = elements(first.body, 'NextMarker')[0] ?? '';
    const second = await rawCall(server, 'GET /', { query: { ...query, marker } });
    expect(elements(second.body, 'Name')).toEqual(['pages-c']);
    expect(second.body).not.toContain('<NextMarker>');
  });
});
