import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OssError } from '../../../local/oss/errors.ts';
import { checkPostPolicy, readPostClaim } from '../../../local/oss/signature/post.ts';

// The claim and the policy of a form upload, by themselves; forms sent over a socket are in the other tests.

const expiration = '2026-11-22T11:00:00.000Z';
const address = { bucket: 'b', key: 'k' };
const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64');
const policyOf = (...conditions: unknown[]) => encode({ expiration, conditions });

function refusal(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof OssError) return { code: error.code, message: error.message, ec: error.ec };
    throw error;
  }
  return 'accepted';
}

describe('what a form claims', () => {
  const policy = policyOf({ bucket: 'b' });
  const validity = { kind: 'between', from: undefined, until: new Date(expiration) };
  const v4Fields = {
    policy,
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': 'id/20261122/cn-hangzhou/oss/aliyun_v4_request',
    'x-oss-signature': 'signed',
    'x-oss-security-token': 'token',
  };

  test('V1: HMAC-SHA1 of the policy', () => {
    const fields = { policy, ossaccesskeyid: 'id', signature: 'signed', 'x-oss-security-token': 'token' };
    const claim = readPostClaim(fields, 'cn-hangzhou');
    expect(claim).toMatchObject({ accessKeyId: 'id', signature: 'signed', securityToken: 'token', validity });
    const signature = createHmac('sha1', 'secret').update(policy).digest('base64');
    expect(claim.sign('secret', address)).toEqual({ signature, stringToSign: policy });
  });

  test('V4: HMAC-SHA256 of the policy, with the key of day, region and service', () => {
    const claim = readPostClaim(v4Fields, 'cn-hangzhou');
    expect(claim).toMatchObject({ accessKeyId: 'id', signature: 'signed', securityToken: 'token', validity });
    const key = ['20261122', 'cn-hangzhou', 'oss', 'aliyun_v4_request'].reduce<string | Buffer>(
      (from, part) => createHmac('sha256', from).update(part).digest(),
      'aliyun_v4secret',
    );
    const signature = createHmac('sha256', key).update(policy).digest('hex');
    expect(claim.sign('secret', address)).toEqual({ signature, stringToSign: policy });
  });

  test.each([
    ['another algorithm', { 'x-oss-signature-version': 'OSS3' }],
    ['another region', { 'x-oss-credential': 'id/20261122/cn-shanghai/oss/aliyun_v4_request' }],
    ['no scope', { 'x-oss-credential': 'id' }],
  ])('%s is refused', (_name, change) => {
    expect(refusal(() => readPostClaim({ ...v4Fields, ...change }, 'cn-hangzhou'))).toMatchObject({
      code: 'InvalidArgument',
      message: 'Invalid signing scope in the form.',
    });
  });

  test('without a policy there is none', () => {
    for (const fields of [{}, { policy: '' }]) {
      expect(refusal(() => readPostClaim(fields, 'cn-hangzhou'))).toEqual({
        code: 'InvalidArgument',
        message: 'The form has no policy.',
        ec: '0002-00000702',
      });
    }
  });

  test.each([
    ['no base64 of JSON', 'policy'],
    ['no expiration', encode({ conditions: [{ bucket: 'b' }] })],
    ['no conditions', encode({ expiration, conditions: [] })],
    ['an unknown operator', policyOf(['like', '$key', 'k'])],
    ['a list where one value is meant', policyOf(['eq', '$key', ['k']])],
    ['one value where a list is meant', policyOf(['in', '$key', 'k'])],
    ['an empty condition', policyOf([])],
  ])('a policy with %s cannot be read', (_name, text) => {
    expect(refusal(() => readPostClaim({ policy: text }, 'cn-hangzhou'))).toMatchObject({
      code: 'AccessDenied',
      message: 'Invalid according to Policy: the policy cannot be read.',
    });
  });
});

describe('what a policy asks of the fields', () => {
  const check = (fields: Record<string, string>, ...conditions: unknown[]) =>
    refusal(() => checkPostPolicy({ ...fields, policy: policyOf(...conditions) }, 'b', 'user/k'));

  test.each([
    [{ bucket: 'b' }, { bucket: 'other' }],
    [
      { bucket: 'b', KEY: 'user/k' },
      { bucket: 'b', key: 'other' },
    ],
    [
      ['eq', '$key', 'user/k'],
      ['eq', '$key', 'user/'],
    ],
    [
      ['starts-with', '$key', 'user/'],
      ['starts-with', '$key', '/k'],
    ],
    [
      ['eq', '$Content-Type', 'text/plain'],
      ['eq', '$content-type', 'text/html'],
    ],
    [
      ['in', '$content-type', ['text/plain', 'text/html']],
      ['in', '$content-type', ['text/html']],
    ],
    [
      ['not-in', '$content-type', ['text/html']],
      ['not-in', '$content-type', ['text/plain']],
    ],
    [
      ['eq', 'not$there', ''],
      ['eq', '$not-there', 'a'],
    ],
  ])('%j holds, %j does not', (met, unmet) => {
    const fields = { 'content-type': 'text/plain', notthere: 'x' };
    expect(check(fields, met)).toBe('accepted');
    expect(check(fields, met, unmet)).toEqual({
      code: 'AccessDenied',
      message: `Invalid according to Policy: Policy Condition failed: ${JSON.stringify(unmet)}`,
      ec: '0006-00000227',
    });
  });

  test('it limits the size of the file, if it says so', () => {
    const limits = (...conditions: unknown[]) =>
      checkPostPolicy({ policy: policyOf({ bucket: 'b' }, ...conditions) }, 'b', 'k');
    expect(limits()).toEqual({ minBytes: 0, maxBytes: Number.POSITIVE_INFINITY });
    expect(limits(['content-length-range', 1, 9])).toEqual({ minBytes: 1, maxBytes: 9 });
  });
});
