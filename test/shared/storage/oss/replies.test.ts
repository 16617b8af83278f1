import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOssStorage, type OssStorage } from '../../../../shared/storage/oss/index.ts';
import { type ListedVersion, type Storage, versionId, wormId } from '../../../../shared/storage/port.ts';
import {
  refusal,
  type ScriptedReply,
  type ScriptedServer,
  scriptedServer,
} from '../../../support/scripted-server.ts';

/** Replies that the embedded server never gives, and the forms that only the real service was seen to send. */

const bucket = 'examplebucket';
const at = { bucket, key: 'a' };

let server: ScriptedServer;
let storage: OssStorage;
const serviceTimes: string[] = [];

beforeAll(async () => {
  server = await scriptedServer();
  storage = createOssStorage({
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'id', accessKeySecret: 'secret' },
    onServiceTime: (date) => serviceTimes.push(date.toISOString()),
  });
});
afterAll(async () => {
  storage.close();
  await server.close();
});

function on<Result>(reply: ScriptedReply, call: (storage: Storage) => Promise<Result>): Promise<Result> {
  server.script(reply);
  return call(storage);
}
const ok = (body: string, headers: Record<string, string> = {}): ScriptedReply => ({
  status: 200,
  headers,
  body,
});
const unexpected = { code: 'UNEXPECTED_REPLY', transient: false };

const head = {
  etag: '"5d41402abc4b2a76b9719d911017c592"',
  'last-modified': 'Fri, 24 Feb 2012 06:07:48 GMT',
  'x-oss-object-type': 'Normal',
};
const worm = {
  'x-oss-object-worm-mode': 'COMPLIANCE',
  'x-oss-object-worm-retain-until-date': '2027-10-11T00:00:00.000Z',
};

describe('HEAD', () => {
  const headObject = (storage: Storage) => storage.headObject(at);

  test('gives everything that the headers say', async () => {
    const headers = { ...head, ...worm, 'x-oss-version-id': 'CAEQ', 'x-oss-tagging-count': '3' };
    expect(await on(ok('hello', headers), headObject)).toEqual({
      versionId: 'CAEQ',
      etag: '5D41402ABC4B2A76B9719D911017C592',
      lastModified: new Date('2012-02-24T06:07:48Z'),
      size: 5,
      type: 'Normal',
      tagCount: 3,
      retention: { mode: 'COMPLIANCE', until: new Date('2027-10-11T00:00:00Z') },
    });
  });

  test('without version, tags and retention', async () => {
    const found = await on(ok('', head), headObject);
    expect(found).toMatchObject({ versionId: undefined, tagCount: 0, retention: undefined });
  });

  test.each([
    ['404', { status: 404 }, 'absent'],
    [
      '404 under a delete marker',
      { status: 404, headers: { 'x-oss-delete-marker': 'true' } },
      'delete-marker',
    ],
    ['405 for a delete marker by version', { status: 405 }, 'delete-marker'],
  ])('a %s without body', async (_what, reply, expected) => {
    expect(await on(reply, headObject)).toBe(expected);
  });

  test.each([
    ['no ETag', { ...head, etag: undefined }],
    ['no Last-Modified', { ...head, 'last-modified': undefined }],
    ['no object type', { ...head, 'x-oss-object-type': undefined }],
    ['a date that is none', { ...head, 'last-modified': 'yesterday' }],
    ['a tag count that is none', { ...head, 'x-oss-tagging-count': 'many' }],
    ['a retention without its date', { ...head, 'x-oss-object-worm-mode': 'COMPLIANCE' }],
    ['a retention of an unknown mode', { ...head, ...worm, 'x-oss-object-worm-mode': 'GENTLE' }],
    [
      'a retention date that is none',
      { ...head, ...worm, 'x-oss-object-worm-retain-until-date': '1700000000' },
    ],
  ])('is not trusted with %s', async (_what, headers) => {
    const given = Object.entries(headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    await expect(on(ok('', Object.fromEntries(given)), headObject)).rejects.toMatchObject(unexpected);
  });
});

describe('tags', () => {
  const getTags = (storage: Storage) => storage.getTags(at);
  const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;

  test.each([
    ['none', '', {}],
    ['one', tag('a', '1'), { a: '1' }],
    ['several', tag('a', '1') + tag('b', '2'), { a: '1', b: '2' }],
    ['spaces, entities, references', tag('a b', ' x &amp;amp; &#x4e2d;&#65; '), { 'a b': ' x &amp; 中A ' }],
    ['an empty value', '<Tag><Key>a</Key><Value/></Tag>', { a: '' }],
    ['numbers as text', tag('007', '1e3'), { '007': '1e3' }],
    ['white space between', `\n ${tag('a', '1')}\n `, { a: '1' }],
  ])('%s', async (_what, xml, tags) => {
    const reply = ok(`<?xml version="1.0"?><Tagging><TagSet>${xml}</TagSet></Tagging>`, {
      'x-oss-version-id': 'V1',
    });
    expect(await on(reply, getTags)).toEqual({ versionId: 'V1', tags: new Map(Object.entries(tags)) });
  });

  test('of a version that never had any', async () => {
    const reply = refusal(404, 'NoSuchTagSet', { 'x-oss-version-id': 'V1' });
    expect(await on(reply, getTags)).toEqual({ versionId: 'V1', tags: new Map() });
  });

  test.each([
    [404, 'NoSuchKey'],
    [404, 'NoSuchVersion'],
    [405, 'MethodNotAllowed'],
  ])('where there is no data: %i %s', async (status, code) => {
    expect(await on(refusal(status, code), getTags)).toBeUndefined();
  });
});

describe('retention', () => {
  const getRetention = (storage: Storage) => storage.getRetention(at);

  test.each([
    ['an empty body', ok('')],
    ['empty elements', ok('<Retention><Mode></Mode><RetainUntilDate/></Retention>')],
    ['no elements', ok('<Retention/>')],
    ['the recorded code', refusal(404, 'NoSuchObjectRetentionConfiguration')],
    ["ossutil's code", refusal(404, 'NoSuchObjectRetention')],
  ])('is absent with %s', async (_what, reply) => {
    expect(await on(reply, getRetention)).toBeUndefined();
  });

  test.each(['2027-10-11T00:00:00.000Z', '2027-10-11T00:00:00Z', '2027-10-11T00:00:00'])(
    'until %s',
    async (until) => {
      const reply = ok(
        `<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`,
      );
      expect(await on(reply, getRetention)).toEqual({
        mode: 'GOVERNANCE',
        until: new Date('2027-10-11T00:00:00Z'),
      });
    },
  );
});

describe('a bucket policy', () => {
  const getPolicy = (storage: Storage) => storage.getPolicy(bucket);
  const xml = (days: string, created: string, state = 'InProgress') =>
    `<WormConfiguration><WormId>W1</WormId><State>${state}</State><RetentionPeriodInDays>${days}</RetentionPeriodInDays><CreationDate>${created}</CreationDate><ExpirationDate>nonsense</ExpirationDate></WormConfiguration>`;

  test.each([
    '2020-10-15T15:50:32',
    '2020-10-15T15:50:32Z',
    '2020-10-15T15:50:32.000Z',
    '2020-10-15T23:50:32+08:00',
  ])('created at %s', async (created) => {
    expect(await on(ok(xml('365', created)), getPolicy)).toEqual({
      id: wormId('W1'),
      state: 'InProgress',
      days: 365,
      createdAt: new Date('2020-10-15T15:50:32Z'),
    });
  });

  test('in a state that nobody documented keeps its word', async () => {
    expect(await on(ok(xml('1', '2020-10-15T15:50:32Z', 'Thawing')), getPolicy)).toMatchObject({
      state: 'Thawing',
    });
  });

  test.each([
    ['days that are no number', xml('many', '2020-10-15T15:50:32Z')],
    ['days with a fraction', xml('1.5', '2020-10-15T15:50:32Z')],
    ['no days', xml('', '2020-10-15T15:50:32Z')],
    ['no date', xml('1', '')],
    ['no state', xml('1', '2020-10-15T15:50:32Z', '')],
  ])('is not trusted with %s', async (_what, body) => {
    await expect(on(ok(body), getPolicy)).rejects.toMatchObject(unexpected);
  });

  test('that was initiated without telling its id', async () => {
    await expect(on(ok(''), (s) => s.initiatePolicy(bucket, 1))).rejects.toMatchObject(unexpected);
  });
});

describe('ObjectWorm', () => {
  const getObjectWorm = (storage: Storage) => storage.getObjectWorm(bucket);
  const xml = (rule: string) =>
    ok(
      `<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled>${rule}</ObjectWormConfiguration>`,
    );
  const rule = (period: string) =>
    `<Rule><DefaultRetention><Mode>COMPLIANCE</Mode>${period}</DefaultRetention></Rule>`;

  test.each([
    ['without default', '', {}],
    ['with days', rule('<Days>30</Days>'), { defaultRetention: { mode: 'COMPLIANCE', days: 30 } }],
    ['with years', rule('<Years>7</Years>'), { defaultRetention: { mode: 'COMPLIANCE', years: 7 } }],
  ])('%s', async (_what, inner, expected) => {
    expect(await on(xml(inner), getObjectWorm)).toEqual(expected);
  });

  test('never enabled, whatever the code is called', async () => {
    for (const code of ['NoSuchObjectWormConfiguration', 'NoSuchBucketObjectWorm']) {
      expect(await on(refusal(404, code), getObjectWorm)).toBeUndefined();
    }
  });

  test('a 404 that does not come from OSS says nothing', async () => {
    await expect(on({ status: 404, body: '<html/>' }, getObjectWorm)).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
    });
  });

  test('with a default of no length is not trusted', async () => {
    await expect(on(xml(rule('')), getObjectWorm)).rejects.toMatchObject(unexpected);
  });
});

describe('versioning', () => {
  const getVersioning = (storage: Storage) => storage.getVersioning(bucket);

  test.each([
    ['<VersioningConfiguration/>', undefined],
    ['<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>', 'Enabled'],
    ['<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>', 'Suspended'],
  ])('%s', async (xml, expected) => {
    expect(await on(ok(xml), getVersioning)).toBe(expected);
  });

  test.each([
    ['an unknown word', '<VersioningConfiguration><Status>Maybe</Status></VersioningConfiguration>'],
    ['a page of a proxy', '<html><body>Log in</body></html>'],
    ['an empty body', ''],
    ['half a document', '<VersioningConfiguration><Status>Enabled'],
    ['no XML', '{"Status":"Enabled"}'],
    ['two documents', '<VersioningConfiguration/><VersioningConfiguration/>'],
  ])('is not trusted with %s', async (_what, body) => {
    await expect(on(ok(body), getVersioning)).rejects.toMatchObject(unexpected);
  });
});

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
    server.script(...replies);
    const all: ListedVersion[] = [];
    for await (const entry of storage.listVersions(bucket, '')) all.push(entry);
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
    const second = new URL(server.requests[1]?.target ?? '', server.endpoint).searchParams;
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
    server.script(...replies);
    const names: string[] = [];
    for await (const { name, region } of storage.listBuckets()) names.push(`${name} in ${region}`);
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
    expect(server.requests[1]?.target).toContain('marker=one');
  });

  test('that does not move on ends in an error instead of never', async () => {
    const more = '<IsTruncated>true</IsTruncated><NextMarker>one</NextMarker>';
    await expect(list(page(bucketXml('one', 'oss-cn-hangzhou'), more))).rejects.toMatchObject(unexpected);
  });
});

describe('a text', () => {
  test('that is not UTF-8 is refused', async () => {
    const reply = { status: 200, headers: { etag: '"a"' }, body: Buffer.from([0xff, 0xfe, 0x00]) };
    await expect(on(reply, (s) => s.readText(at))).rejects.toMatchObject(unexpected);
  });

  test('that is unchanged', async () => {
    expect(await on({ status: 304 }, (s) => s.readText(at))).toBe('unchanged');
  });
});

test('the service’s time is told with every reply, also of a refusal', async () => {
  serviceTimes.length = 0;
  await on({ status: 404, headers: { date: 'Fri, 24 Feb 2012 06:07:48 GMT' } }, (s) => s.headObject(at));
  expect(serviceTimes).toEqual(['2012-02-24T06:07:48.000Z']);
});

test('a write tells its request id', async () => {
  const reply = ok('', { 'x-oss-request-id': 'R1' });
  const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
  const receipt = await on(reply, (s) => s.putRetention({ ...at, versionId: versionId('V1') }, retention));
  expect(receipt).toEqual({ sent: true, requestId: 'R1' });
});
