import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyContent } from '../../../local/oss/content.ts';
import type { ObjectVersion } from '../../../local/oss/state.ts';
import { memoryStore } from '../../../local/oss/store/memory.ts';
import {
  type Capture,
  capturedBucket,
  readCaptures,
  readSequence,
  sequenceNames,
} from '../../support/oss-captures.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';
import { sendBytes } from '../../support/raw-http.ts';

let server: OssServer;
let store: ReturnType<typeof memoryStore>;
beforeEach(async () => {
  store = memoryStore();
  server = await startOss(undefined, { store, wallNow: () => server.now() });
  server.keys.set('LTAItestkeyid', { secret: 'testsecret', principal: 'user test' });
});
afterEach(() => server.close());

/** The version that the captures name. */
const capturedVersion: ObjectVersion = {
  kind: 'object',
  versionId: 'CAEQNhiBgMDJgZCA0BYiIDc4MGZjZTdj',
  type: 'Normal',
  lastModified: new Date('2026-11-21T20:00:00Z'),
  content: emptyContent,
  etag: 'D41D8CD98F00B204E9800998ECF8427E',
  crc64: '0',
  metadata: {},
  storageClass: 'Standard',
  tags: {},
};

/** The world that a captured request expects: its bucket, in the state that its operation is for. */
function prepare({ name, signedAt }: Capture): void {
  const operation = name.replace(/^.*-/, '');
  if (/put_bucket$/.test(name)) return;
  const createdAt = new Date('2026-11-21T20:00:00Z');
  const isWorm = /bucket_worm/.test(operation) && operation !== 'initiate_bucket_worm';
  const needsObjectWorm = /retention|legal_hold|worm_headers|object_worm/.test(operation);
  store.saveBucket({
    name: capturedBucket,
    createdAt,
    storageClass: 'Standard',
    versioning: isWorm ? 'Unversioned' : 'Enabled',
    ...(needsObjectWorm && !operation.startsWith('put_bucket') && { objectWorm: {} }),
    ...(isWorm && {
      policy: {
        id: '1666E2CFB2B3418A9D1A',
        days: 1,
        createdAt: signedAt,
        locked: operation === 'extend_bucket_worm',
      },
    }),
  });
  const hold = operation === 'get_object_legal_hold' ? ({ legalHold: 'ON' } as const) : {};
  const retained = operation.startsWith('get_object_retention')
    ? { retention: { mode: 'COMPLIANCE', retainUntil: new Date('2033-11-21T00:00:00Z') } as const }
    : {};
  if (/delete_bucket|rm_bucket|append_object/.test(operation)) return;
  store.saveVersions(capturedBucket, 'dir/a b.txt', [{ ...capturedVersion, ...hold, ...retained }]);
}

describe('every captured request of a real client gets its reply', () => {
  const single = readCaptures().filter(({ name }) => !/^(java2|php)/.test(name));

  test.each(single.map((capture) => [capture.name, capture] as const))('%s', async (_name, capture) => {
    prepare(capture);
    server.setTime(capture.signedAt);
    const { status, code } = await sendBytes(server.port, capture.bytes);
    const isRemoval = /delete_bucket|delete_object|abort_bucket_worm|rm_bucket/.test(capture.name);
    expect({ status, code }).toEqual({ status: isRemoval ? 204 : 200, code: '' });
    expect(server.oss.requests.list()[0]).toMatchObject({ principal: 'user test', code: '' });
    expect(server.oss.requests.list()[0]?.operation).not.toBe('Unknown');
  });

  test.each(
    single
      .filter(({ bytes, request }) => request.headers['content-md5'] && bytes.at(-1) === 0x3e)
      .map((capture) => [capture.name, capture] as const),
  )('%s with one byte of the body changed is refused', async (_name, capture) => {
    prepare(capture);
    server.setTime(capture.signedAt);
    const bytes = Buffer.from(capture.bytes);
    bytes[bytes.length - 1] = 0x20;
    expect(await sendBytes(server.port, bytes)).toMatchObject({ status: 400, code: 'InvalidDigest' });
  });
});

/**
 * What each request of a sequence gets on a server that has seen nothing but the sequence. The SDKs' clean-up matches
 * a bucket that was never made; one version id is the capturing listener's.
 */
const cleanUp = Array.from({ length: 4 }, () => '404 NoSuchBucket');
const ok = (times: number) => Array.from({ length: times }, () => '200');
const expected: Record<string, readonly string[]> = {
  'java2-ClientBucketObjectWormConfigurationTest': [...ok(5), ...cleanUp],
  'java2-ClientBucketVersioningTest': [...ok(8), '204', ...ok(1), '404 NoSuchBucket', ...ok(13), ...cleanUp],
  'java2-ClientBucketWormTest': [...ok(3), '204', ...ok(2), ...cleanUp],
  'java2-ClientObjectTaggingTest': [...ok(4), '404 NoSuchVersion', '404 NoSuchVersion', ...ok(4), ...cleanUp],
  'java2-ClientObjectWormTest': [...ok(19), ...cleanUp],
  'php1-OssClientBucketWormTest': [...ok(6), '204'],
  'php2-ClientBucketWormTest': [...ok(3), '204', '404 NoSuchWORMConfiguration', '404 NoSuchBucket', '200'],
};

test.each(sequenceNames())('%s, in its order on a fresh server', async (name) => {
  const replies: string[] = [];
  for (const capture of readSequence(name)) {
    server.setTime(capture.signedAt);
    const { status, code } = await sendBytes(server.port, capture.bytes);
    replies.push(code ? `${status} ${code}` : String(status));
  }
  expect(replies).toEqual(expected[name]);
});
