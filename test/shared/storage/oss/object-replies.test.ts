import { describe, expect, test } from 'vitest';
import { type Storage, versionId } from '../../../../shared/storage/port.ts';
import { refusal } from '../../../support/scripted-server.ts';
import { ok, scriptedStorage, unexpected } from '../../../support/scripted-storage.ts';

/** Replies that the embedded server never gives, and the forms that only the real service was seen to send. */

const at = { bucket: 'examplebucket', key: 'a' };
const scripted = scriptedStorage();

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
    expect(await scripted.on(ok('hello', headers), headObject)).toEqual({
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
    const found = await scripted.on(ok('', head), headObject);
    expect(found).toMatchObject({ versionId: undefined, tagCount: 0, retention: undefined });
  });

  test.each([
    ['404', { status: 404, headers: { 'x-oss-request-id': 'R1' } }, 'absent'],
    [
      '404 under a delete marker',
      { status: 404, headers: { 'x-oss-delete-marker': 'true' } },
      'delete-marker',
    ],
    [
      '405 for a delete marker by version',
      { status: 405, headers: { 'x-oss-request-id': 'R1' } },
      'delete-marker',
    ],
  ])('a %s without body', async (_what, reply, expected) => {
    expect(await scripted.on(reply, headObject)).toBe(expected);
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
    await expect(scripted.on(ok('', Object.fromEntries(given)), headObject)).rejects.toMatchObject(
      unexpected,
    );
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
    expect(await scripted.on(reply, getTags)).toEqual({
      versionId: 'V1',
      tags: new Map(Object.entries(tags)),
    });
  });

  test('of a version that never had any', async () => {
    const reply = refusal(404, 'NoSuchTagSet', { 'x-oss-version-id': 'V1' });
    expect(await scripted.on(reply, getTags)).toEqual({ versionId: 'V1', tags: new Map() });
  });

  test.each([
    [404, 'NoSuchKey'],
    [404, 'NoSuchVersion'],
    [405, 'MethodNotAllowed'],
  ])('where there is no data: %i %s', async (status, code) => {
    expect(await scripted.on(refusal(status, code), getTags)).toBeUndefined();
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
    expect(await scripted.on(reply, getRetention)).toBeUndefined();
  });

  test.each(['2027-10-11T00:00:00.000Z', '2027-10-11T00:00:00Z', '2027-10-11T00:00:00'])(
    'until %s',
    async (until) => {
      const reply = ok(
        `<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`,
      );
      expect(await scripted.on(reply, getRetention)).toEqual({
        mode: 'GOVERNANCE',
        until: new Date('2027-10-11T00:00:00Z'),
      });
    },
  );
});

describe('a text', () => {
  test('that is not UTF-8 is refused as a file is', async () => {
    const reply = { status: 200, headers: { etag: '"a"' }, body: Buffer.from([0x61, 0x0a, 0xba, 0xcf]) };
    await expect(scripted.on(reply, (s) => s.readText(at))).rejects.toMatchObject({
      code: 'TEXT_ENCODING',
      message: `oss://${at.bucket}/${at.key} is not UTF-8 text: byte 3, in line 2, is part of no UTF-8 character`,
    });
  });

  test('that is unchanged', async () => {
    expect(await scripted.on({ status: 304 }, (s) => s.readText(at))).toBe('unchanged');
  });
});

test('the service’s time is told with every reply, also of a refusal', async () => {
  await scripted.on(refusal(404, 'NoSuchKey', { date: 'Fri, 24 Feb 2012 06:07:48 GMT' }), (s) =>
    s.headObject(at),
  );
  expect(scripted.serviceTimes.at(-1)).toEqual(new Date('2012-02-24T06:07:48Z'));
});

test('a write tells its request id', async () => {
  const reply = ok('', { 'x-oss-request-id': 'R1' });
  const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
  const receipt = await scripted.on(reply, (s) =>
    s.putRetention({ ...at, versionId: versionId('V1') }, retention),
  );
  expect(receipt).toEqual({ sent: true, requestId: 'R1' });
});
