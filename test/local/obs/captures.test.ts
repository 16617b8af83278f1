import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { obsShareOf } from '../../../local/obs/store.ts';
import { emptyContent } from '../../../local/oss/content.ts';
import type { ObjectVersion } from '../../../local/oss/state.ts';
import { type ObsServer, startObs } from '../../support/obs-server.ts';
import { type Capture, parseCapture } from '../../support/oss-captures.ts';
import { sendBytes } from '../../support/raw-http.ts';

const folder = new URL('./captures/', import.meta.url);
const captures = readdirSync(folder).flatMap((file) => {
  const name = file.replace(/\.http$/, '');
  const parts = readFileSync(new URL(file, folder), 'latin1').split('\n=== next request ===\n');
  return parts.map((part, index) => parseCapture(index === 0 ? name : `${name}#${index + 1}`, part));
});
const named = captures.map((capture) => [capture.name, capture] as const);
const signed = named.filter(([, { request }]) => request.headers['authorization'] !== undefined);

let server: ObsServer;
beforeEach(async () => {
  server = await startObs();
  server.keys.set('AKtestkeyid', { secret: 'testsecret', principal: 'user test' });
});
afterEach(() => server.close());

const version = (versionId: string, tags = {}): ObjectVersion => ({
  kind: 'object',
  versionId,
  type: 'Normal',
  lastModified: new Date('2026-11-21T20:00:00Z'),
  content: emptyContent,
  etag: 'D41D8CD98F00B204E9800998ECF8427E',
  crc64: '0',
  metadata: {},
  storageClass: 'Standard',
  tags,
});

/** The world that a captured request expects: its bucket, in the state that its operation is for. */
function prepare({ name, signedAt }: Capture): void {
  server.setTime(signedAt);
  if (/create_bucket|obsutil-mb/.test(name)) return;
  const lock = /retention|get_object_lock/.test(name) ? { objectWorm: {} } : {};
  server.store.saveBucket({
    name: 'examplebucket',
    cloud: 'obs',
    createdAt: new Date('2026-11-21T20:00:00Z'),
    storageClass: 'Standard',
    versioning: 'Enabled',
    ...lock,
  });
  if (/delete_bucket/.test(name)) return;
  const found = version('CAEQNhiBgMDJgZCA0BYiIDc4MGZjZTdj', { retention: '7y' });
  server.store.saveVersions('examplebucket', 'dir/a b.txt', [found]);
  server.store.saveVersions('examplebucket', 'dir/a.txt', [found]);
}

test('there are captures of three clients in three styles', () => {
  expect(captures.length).toBeGreaterThan(60);
});

test.each(named)('%s gets its reply', async (name, capture) => {
  prepare(capture);
  const { status, code } = await sendBytes(server.port, capture.bytes);
  const isRemoval = /delete_|obsutil-rm/.test(name);
  expect({ status, code }).toEqual({ status: isRemoval ? 204 : 200, code: '' });
  const [record] = server.obs.requests.list();
  expect(record?.operation).not.toBe('Unknown');
  if (capture.request.headers['authorization'] !== undefined) expect(record?.principal).toBe('user test');
});

/** One change of a request each; `undefined` where the request has nothing to change. */
const mutations: Readonly<Record<string, (text: string) => string>> = {
  'another method': (text) => text.replace(/^(\w+)/, (method) => (method === 'GET' ? 'DELETE' : 'GET')),
  'another signature': (text) =>
    text.replace(/(Authorization: \w+ \w+:)(.)/, (_, head, letter) => head + (letter === 'A' ? 'B' : 'A')),
  'another access key': (text) => text.replace('AKtestkeyid', 'AKothertest'),
  'another path': (text) => text.replace(/^(\w+ \/)(\S*) /, '$1x$2 '),
  'one more sub-resource': (text) =>
    text.replace(
      /^(\w+ )(\S+) /,
      (_, head, target) => `${head}${target}${target.includes('?') ? '&' : '?'}acl `,
    ),
  'another version id': (text) => text.replace('versionId=CAEQ', 'versionId=CAER'),
  'a header that is signed': (text) =>
    text.replace(
      '\r\nAuthorization',
      `\r\n${/Authorization: AWS/.test(text) ? 'x-amz' : 'x-obs'}-meta-more: 1\r\nAuthorization`,
    ),
  'another content type': (text) =>
    text
      .replace('\r\nAuthorization', '\r\nContent-Type: text/x\r\nAuthorization')
      .replace(/(Content-Type: )(?!text\/x).*\r\n/, ''),
  'another date': (text) =>
    text.replace(/(Date: .*:)(\d\d) GMT/, (_, head, second) => `${head}${second === '10' ? '11' : '10'} GMT`),
  'a date of yesterday': (text) => text.replace(/Date: \w+, 21/, 'Date: Fri, 20'),
};

describe.each(Object.entries(mutations))('%s', (_, mutate) => {
  test('makes every capture refused', async () => {
    let tried = 0;
    for (const [name, capture] of signed) {
      const text = capture.bytes.toString('latin1');
      const changed = mutate(text);
      if (changed === text) continue;
      tried += 1;
      prepare(capture);
      const { status, code } = await sendBytes(server.port, Buffer.from(changed, 'latin1'));
      expect([name, status], code).toEqual([name, 403]);
    }
    expect(tried).toBeGreaterThan(0);
  });
});

test.each(signed.filter(([, { request }]) => request.headers['content-md5'] !== undefined))(
  '%s with another body is refused',
  async (_, capture) => {
    prepare(capture);
    const bytes = Buffer.from(capture.bytes);
    bytes[bytes.length - 1] = 0x20;
    expect(await sendBytes(server.port, bytes)).toMatchObject({ status: 400, code: 'BadDigest' });
  },
);

test('buckets of the two clouds do not see each other in one store', () => {
  const share = obsShareOf(server.store);
  share.saveBucket({ name: 'b', createdAt: server.now(), storageClass: 'Standard', versioning: 'Enabled' });
  expect(share.buckets().map(({ name }) => name)).toEqual(['b']);
  expect(server.store.bucket('b')).toBeUndefined();
});
