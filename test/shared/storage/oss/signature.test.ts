import signUtils from 'ali-oss/lib/common/signUtils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressing } from '../../../../shared/storage/oss/address.ts';
import {
  createSigner,
  type HeaderPair,
  queryText,
  signatureTime,
  signatureTimes,
} from '../../../../shared/storage/oss/signature.ts';

/** Every parameter name that the adapter sends. */
const names = [
  'versionId',
  'tagging',
  'retention',
  'versions',
  'encoding-type',
  'max-keys',
  'prefix',
  'key-marker',
  'version-id-marker',
  'marker',
  'versioning',
  'objectWorm',
  'worm',
  'wormId',
  'wormExtend',
] as const;

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ019+/=._-'), minLength: 1, maxLength: 40 });
const region = fc.constantFrom('cn-hangzhou', 'us-west-1', 'ap-southeast-5');
const target = fc.oneof(
  fc.record({ bucket: fc.constant(undefined), key: fc.constant(undefined) }),
  fc.record({
    bucket: fc.constantFrom('records', 'a-b-1', 'old_bucket'),
    key: fc.option(
      text.filter((key) => key !== ''),
      { nil: undefined },
    ),
  }),
);
const instant = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2099-12-31T00:00:00Z'),
  noInvalidDate: true,
});

const request = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE'),
  region,
  target,
  query: fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 6 }),
  instant,
  accessKeyId: secret,
  accessKeySecret: secret,
  securityToken: fc.option(secret, { nil: undefined }),
  type: fc.constantFrom(undefined, 'application/xml', 'text/plain; charset=utf-8'),
});

test('every signature is the one that ali-oss makes', () => {
  fc.assert(
    fc.property(request, ({ method, region, target: { bucket, key }, query, instant, type, ...keys }) => {
      const endpoint = new URL(`https://oss-${region}.aliyuncs.com`);
      const { resource } = addressing(endpoint, { region })(bucket, key);
      const time = signatureTime(instant);
      const headers: HeaderPair[] = [
        ['x-oss-date', time],
        ['x-oss-content-sha256', 'UNSIGNED-PAYLOAD'],
      ];
      if (keys.securityToken !== undefined) headers.push(['x-oss-security-token', keys.securityToken]);
      if (type !== undefined)
        headers.push(['content-type', type], ['content-md5', 'nhB9nTcrtoJr2B01QqQZ1g==']);

      const ours = createSigner(region)({ method, resource, query: queryText(query), headers }, time, keys);
      const queries = Object.entries(query).map(
        ([name, value]) => [name, value === '' ? null : value] as const,
      );
      const theirs = signUtils.authorizationV4(
        keys.accessKeyId,
        keys.accessKeySecret,
        region,
        method,
        { headers: Object.fromEntries(headers), queries: Object.fromEntries(queries) },
        bucket,
        key,
      );
      expect(ours).toBe(theirs);
    }),
    { numRuns: 300 },
  );
});

test('one signer serves credentials and days that change', () => {
  const sign = createSigner('cn-hangzhou');
  const of = (secret: string, time: string) =>
    sign({ method: 'GET', resource: '/', query: '', headers: [['x-oss-date', time]] }, time, {
      accessKeyId: 'id',
      accessKeySecret: secret,
    });
  const first = of('one', '20261128T235959Z');
  expect(of('two', '20261128T235959Z')).not.toBe(first);
  expect(of('one', '20261129T000000Z')).not.toBe(first);
  expect(of('one', '20261128T235959Z')).toBe(first);
});

test('the time that is written once a second is that of each instant, in whatever order they come', () => {
  const instant = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-01-01'), noInvalidDate: true });
  const near = fc.integer({ min: -2500, max: 2500 });
  fc.assert(
    fc.property(instant, fc.array(near, { maxLength: 20 }), (begin, steps) => {
      const timeOf = signatureTimes();
      for (const step of [0, ...steps]) {
        const at = new Date(Math.max(0, begin.getTime() + step));
        expect(timeOf(at)).toBe(signatureTime(at));
      }
    }),
  );
});
