import { describe, expect, test } from 'vitest';
import type { OssStorage } from '../../../../shared/storage/oss/index.ts';
import { wormId } from '../../../../shared/storage/port.ts';
import { refusal } from '../../../support/scripted-server.ts';
import { ok, scriptedStorage, unexpected } from '../../../support/scripted-storage.ts';

/** Replies that the embedded server never gives, and the forms that only the real service was seen to send. */

const bucket = 'examplebucket';
const scripted = scriptedStorage();

describe('a bucket policy', () => {
  const getPolicy = (storage: OssStorage) => storage.policies.getPolicy(bucket);
  const xml = (days: string, created: string, state = 'InProgress') =>
    `<WormConfiguration><WormId>W1</WormId><State>${state}</State><RetentionPeriodInDays>${days}</RetentionPeriodInDays><CreationDate>${created}</CreationDate><ExpirationDate>nonsense</ExpirationDate></WormConfiguration>`;

  test.each([
    '2020-10-15T15:50:32',
    '2020-10-15T15:50:32Z',
    '2020-10-15T15:50:32.000Z',
    '2020-10-15T23:50:32+08:00',
  ])('created at %s', async (created) => {
    expect(await scripted.on(ok(xml('365', created)), getPolicy)).toEqual({
      id: wormId('W1'),
      state: 'InProgress',
      days: 365,
      createdAt: new Date('2020-10-15T15:50:32Z'),
    });
  });

  test('in a state that nobody documented keeps its word', async () => {
    expect(await scripted.on(ok(xml('1', '2020-10-15T15:50:32Z', 'Thawing')), getPolicy)).toMatchObject({
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
    await expect(scripted.on(ok(body), getPolicy)).rejects.toMatchObject(unexpected);
  });

  test('that was initiated without telling its id', async () => {
    await expect(scripted.on(ok(''), (s) => s.policies.initiatePolicy(bucket, 1))).rejects.toMatchObject(
      unexpected,
    );
  });
});

describe('ObjectWorm', () => {
  const getObjectWorm = (storage: OssStorage) => storage.getObjectWorm(bucket);
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
    expect(await scripted.on(xml(inner), getObjectWorm)).toEqual(expected);
  });

  test('never enabled, whatever the code is called', async () => {
    for (const code of ['NoSuchObjectWormConfiguration', 'NoSuchBucketObjectWorm']) {
      expect(await scripted.on(refusal(404, code), getObjectWorm)).toBeUndefined();
    }
  });

  test('a 404 that does not come from OSS says nothing', async () => {
    await expect(scripted.on({ status: 404, body: '<html/>' }, getObjectWorm)).rejects.toMatchObject(
      unexpected,
    );
  });

  test('with a default of no length is not trusted', async () => {
    await expect(scripted.on(xml(rule('')), getObjectWorm)).rejects.toMatchObject(unexpected);
  });
});

describe('versioning', () => {
  const getVersioning = (storage: OssStorage) => storage.getVersioning(bucket);

  test.each([
    ['<VersioningConfiguration/>', undefined],
    ['<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>', 'Enabled'],
    ['<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>', 'Suspended'],
  ])('%s', async (xml, expected) => {
    expect(await scripted.on(ok(xml), getVersioning)).toBe(expected);
  });

  test.each([
    ['an unknown word', '<VersioningConfiguration><Status>Maybe</Status></VersioningConfiguration>'],
    ['a page of a proxy', '<html><body>Log in</body></html>'],
    ['an empty body', ''],
    ['half a document', '<VersioningConfiguration><Status>Enabled'],
    ['no XML', '{"Status":"Enabled"}'],
    ['two documents', '<VersioningConfiguration/><VersioningConfiguration/>'],
  ])('is not trusted with %s', async (_what, body) => {
    await expect(scripted.on(ok(body), getVersioning)).rejects.toMatchObject(unexpected);
  });
});
