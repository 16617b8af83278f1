import { describe, expect, test } from 'vitest';
import type { ListedVersion } from '../../../../shared/storage/port.ts';
import type { ScriptedReply } from '../../../support/scripted-server.ts';
import { ok, scriptedStorage, unexpected } from '../../../support/scripted-storage.ts';

/** Replies that the embedded server never gives, and the forms that only the real service was seen to send. */

const bucket = 'examplebucket';
const scripted = scriptedStorage();

describe('a list of versions', () => {
  const common = (key: string, id: string) =>
    `<Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>false</IsLatest><LastModified>2026-01-01T00:00:00.000Z</LastModified>`;
  const version = (key: string, id: string) =>
    `<Version>${common(key, id)}<ETag>"ab"</ETag><Type>Normal</Type><Size>1</Size></Version>`;
  const marker = (key: string, id: string) => `<DeleteMarker>${common(key, id)}</DeleteMarker>`;
  const page = (entries: string, next = '<IsTruncated>false</IsTruncated>') =>
    ok(`<ListVersionsResult><EncodingType>url</EncodingType>${next}${entries}</ListVersionsResult>`);
  const more = (key: string, id: string) =>
    `<IsTruncated>true</IsTruncated><NextKeyMarker>${key}</NextKeyMarker><NextVersionIdMarker>${id}</NextVersionIdMarker>`;
  const list = async (...replies: [ScriptedReply, ...ScriptedReply[]]) => {
    scripted.server.script(...replies);
    const all: ListedVersion[] = [];
    for await (const entry of scripted.storage.listVersions(bucket, '')) all.push(entry);
    return all;
  };

  test('keeps the order of versions and delete markers, and needs no owner', async () => {
    const entries = await list(
      page(version('a', '3') + marker('a', '2') + version('a', '1') + marker('b', '1')),
    );
    expect(entries.map(({ kind, key, versionId: id }) => [kind, key, id])).toEqual([
      ['version', 'a', '3'],
      ['delete-marker', 'a', '2'],
      ['version', 'a', '1'],
      ['delete-marker', 'b', '1'],
    ]);
  });

  test('of a full page with quotes as entities', async () => {
    const entry = version('a', '1').replace('"ab"', '&quot;ab&quot;');
    const entries = await list(page(entry.repeat(1000)));
    expect(entries).toHaveLength(1000);
    expect(entries[999]).toMatchObject({ etag: 'AB' });
  });

  test('that is empty', async () => {
    expect(await list(page(''))).toEqual([]);
  });

  test('decodes keys, also those that XML cannot carry', async () => {
    const keys = ['a b', 'a+b', '50%', '账本/x', 'tab\tline\nbell\u0007', '%20', '<&>"\''];
    const entries = await list(page(keys.map((key) => version(encodeURIComponent(key), '1')).join('')));
    expect(entries.map(({ key }) => key)).toEqual(keys);
  });

  test('takes keys as they are when the service does not encode', async () => {
    const xml = `<ListVersionsResult><IsTruncated>false</IsTruncated>${version('100%25 &amp; more', '1')}</ListVersionsResult>`;
    expect((await list(ok(xml)))[0]?.key).toBe('100%25 & more');
  });

  test('is fetched page by page, beginning where the last one ended', async () => {
    const entries = await list(page(version('a', '2'), more('a%20b', '2')), page(version('a%20b', '1')));
    expect(entries).toHaveLength(2);
    const second = new URL(scripted.server.requests[1]?.target ?? '', scripted.server.endpoint).searchParams;
    expect([second.get('key-marker'), second.get('version-id-marker')]).toEqual(['a b', '2']);
  });

  test.each([
    ['no next marker', page('', '<IsTruncated>true</IsTruncated>')],
    ['no word on its end', page('', '')],
    ['a key that is badly encoded', page(version('50%', '1'))],
    ['an entry without version id', page(`<Version>${common('a', '')}</Version>`)],
    ['a size that is none', page(version('a', '1').replace('<Size>1<', '<Size>big<'))],
    [
      'a latest that is neither true nor false',
      page(version('a', '1').replace('>false</IsLatest>', '>no</IsLatest>')),
    ],
  ])('is not trusted with %s', async (_what, reply) => {
    await expect(list(reply)).rejects.toMatchObject(unexpected);
  });

  test('that does not move on ends in an error instead of never', async () => {
    await expect(list(page(version('a', '2'), more('a', '2')))).rejects.toMatchObject(unexpected);
  });
});

describe('a list of buckets', () => {
  const bucketXml = (name: string, location: string) =>
    `<Bucket><Name>${name}</Name><Location>${location}</Location></Bucket>`;
  const page = (buckets: string, more = '') =>
    ok(`<ListAllMyBucketsResult>${more}<Buckets>${buckets}</Buckets></ListAllMyBucketsResult>`);
  const list = async (...replies: [ScriptedReply, ...ScriptedReply[]]) => {
    scripted.server.script(...replies);
    const names: string[] = [];
    for await (const { name, region } of scripted.storage.listBuckets()) names.push(`${name} in ${region}`);
    return names;
  };

  test('of one, of none, and of several pages', async () => {
    expect(await list(page(bucketXml('one', 'oss-cn-hangzhou')))).toEqual(['one in cn-hangzhou']);
    expect(await list(page(''))).toEqual([]);
    const more = '<IsTruncated>true</IsTruncated><NextMarker>one</NextMarker>';
    const pages = await list(
      page(bucketXml('one', 'oss-cn-hangzhou'), more),
      page(bucketXml('two', 'oss-us-west-1')),
    );
    expect(pages).toEqual(['one in cn-hangzhou', 'two in us-west-1']);
    expect(scripted.server.requests[1]?.target).toContain('marker=one');
  });

  test('that does not move on ends in an error instead of never', async () => {
    const more = '<IsTruncated>true</IsTruncated><NextMarker>one</NextMarker>';
    await expect(list(page(bucketXml('one', 'oss-cn-hangzhou'), more))).rejects.toMatchObject(unexpected);
  });
});
