import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OssError } from '../../../local/oss/errors.ts';
import type { Signable } from '../../../local/oss/signature/request.ts';
import { isAnonymous, type Verifier } from '../../../local/oss/signature/verify.ts';
import { authenticate } from '../../support/authenticate.ts';

// Requests that no client would send, correctly signed by the test itself: what is refused here is refused for what it
// claims, not for its signature. Requests of real clients are in signature.test.ts.

const id = 'LTAItest';
const secret = 'testsecret';
const signedAt = new Date('2026-11-22T10:00:00.000Z');
const address = { bucket: 'examplebucket', key: 'a b/c.txt' };
const region = 'cn-hangzhou';

function verifier(change: { token?: string; now?: Date } = {}): Verifier {
  const now = () => change.now ?? signedAt;
  const key = { secret, principal: 'user test', ...(change.token && { securityToken: change.token }) };
  return { region, now, wallNow: now, findKey: (name) => (name === id ? key : undefined) };
}

interface Terms {
  /** What stands in the credential after the access key id. */
  readonly scope?: string;
  readonly timestamp?: string;
  readonly expires?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly additional?: string;
}

const hmac = (algorithm: string, key: string | Buffer, text: string) =>
  createHmac(algorithm, key).update(text);

/** Signs as documented, whatever the terms are: the key is always that of 22 November 2026 in our region. */
function v4(form: 'header' | 'query', terms: Terms = {}): Signable {
  const { scope = '20261122/cn-hangzhou/oss/aliyun_v4_request', timestamp = '20261122T100000Z' } = terms;
  const inHeader = form === 'header';
  const query: Record<string, string> = inHeader
    ? {}
    : {
        'x-oss-additional-headers': terms.additional ?? '',
        'x-oss-credential': `${id}/${scope}`,
        'x-oss-date': timestamp,
        'x-oss-expires': terms.expires ?? '60',
        'x-oss-signature-version': 'OSS4-HMAC-SHA256',
        ...(terms.token !== undefined && { 'x-oss-security-token': terms.token }),
      };
  const headers: Record<string, string> = {
    ...terms.headers,
    ...(inHeader && { 'x-oss-date': timestamp, 'x-oss-content-sha256': 'UNSIGNED-PAYLOAD' }),
    ...(inHeader && terms.token !== undefined && { 'x-oss-security-token': terms.token }),
  };

  const canonical = [
    'GET',
    '/examplebucket/a%20b/c.txt',
    Object.entries(query)
      .map(([name, value]) => (value === '' ? name : `${name}=${encodeURIComponent(value)}`))
      .sort()
      .join('&'),
    Object.entries(headers)
      .filter(([name]) => name.startsWith('x-oss-') || terms.additional?.split(';').includes(name))
      .sort()
      .map(([name, value]) => `${name}:${value.trim()}\n`)
      .join(''),
    terms.additional ?? '',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const day = '20261122';
  const text = `OSS4-HMAC-SHA256\n${timestamp}\n${day}/${region}/oss/aliyun_v4_request\n${createHash('sha256').update(canonical).digest('hex')}`;
  let key = hmac('sha256', `aliyun_v4${secret}`, day).digest();
  for (const part of [region, 'oss', 'aliyun_v4_request']) key = hmac('sha256', key, part).digest();
  const signature = hmac('sha256', key, text).digest('hex');
  const named = terms.additional ? `AdditionalHeaders=${terms.additional},` : '';
  return inHeader
    ? {
        method: 'GET',
        headers: {
          ...headers,
          authorization: `OSS4-HMAC-SHA256 Credential=${id}/${scope},${named}Signature=${signature}`,
        },
        query: new Map(),
      }
    : { method: 'GET', headers, query: new Map(Object.entries({ ...query, 'x-oss-signature': signature })) };
}

function v1(form: 'header' | 'query', terms: Terms = {}): Signable {
  const inHeader = form === 'header';
  const date = inHeader ? (terms.timestamp ?? signedAt.toUTCString()) : (terms.expires ?? '1795341660');
  const token =
    terms.token === undefined ? {} : { [inHeader ? 'x-oss-security-token' : 'security-token']: terms.token };
  const headers: Record<string, string> = { ...terms.headers, ...(inHeader && { date, ...token }) };
  const ossHeaders = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-oss-'))
    .sort()
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const signedQuery = !inHeader && terms.token !== undefined ? `?security-token=${terms.token}` : '';
  const text = `GET\n\n\n${date}\n${ossHeaders}/examplebucket/a b/c.txt${signedQuery}`;
  const signature = hmac('sha1', secret, text).digest('base64');
  return inHeader
    ? { method: 'GET', headers: { ...headers, authorization: `OSS ${id}:${signature}` }, query: new Map() }
    : {
        method: 'GET',
        headers,
        query: new Map(Object.entries({ OSSAccessKeyId: id, Expires: date, Signature: signature, ...token })),
      };
}

function refusal(request: Signable, by: Verifier = verifier(), addresses = [address]) {
  try {
    authenticate(request, addresses, by);
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    const { code, message, ec, details } = error;
    return { code, message, ec, details };
  }
  return 'accepted';
}

const forms = [
  ['V4 header', (terms?: Terms) => v4('header', terms)],
  ['V4 URL', (terms?: Terms) => v4('query', terms)],
  ['V1 header', (terms?: Terms) => v1('header', terms)],
  ['V1 URL', (terms?: Terms) => v1('query', terms)],
] as const;

describe.each(forms)('%s', (name, sign) => {
  test('signed as documented is accepted', () => {
    expect(authenticate(sign(), [address], verifier())).toEqual({ principal: 'user test', address });
  });

  test('with a token the key must have it, and the right one', () => {
    expect(refusal(sign({ token: 'token' }), verifier({ token: 'token' }))).toBe('accepted');
    expect(refusal(sign({ token: 'other' }), verifier({ token: 'token' }))).toMatchObject({
      code: 'SecurityTokenInvalid',
    });
    expect(refusal(sign({ token: 'token' }))).toMatchObject({ code: 'SecurityTokenInvalid' });
    expect(refusal(sign(), verifier({ token: 'token' }))).toMatchObject({
      code: 'InvalidAccessKeyId',
      details: { OSSAccessKeyId: id },
    });
  });

  test('of an unknown key names the key', () => {
    expect(refusal(sign(), { ...verifier(), findKey: () => undefined })).toMatchObject({
      code: 'InvalidAccessKeyId',
      ec: name.startsWith('V1') ? '0002-00000002' : '0002-00000902',
      details: { OSSAccessKeyId: id },
    });
  });

  test('of another address is refused with what was signed', () => {
    const other = [{ bucket: 'examplebucket', key: 'other' }];
    expect(refusal(sign(), verifier(), other)).toMatchObject({
      code: 'SignatureDoesNotMatch',
      details: {
        OSSAccessKeyId: id,
        SignatureProvided: expect.stringMatching(/./),
        StringToSign: expect.stringMatching(/./),
      },
    });
  });

  test('header values count without the spaces around them', () => {
    expect(refusal(sign({ headers: { 'x-oss-meta-a': '  spaced ' } }))).toBe('accepted');
  });
});

describe('the scope of V4', () => {
  test.each(['header', 'query'] as const)(
    'in the %s, it is the day, our region, oss, and the version',
    (form) => {
      for (const [scope, message] of [
        ['20261121/cn-hangzhou/oss/aliyun_v4_request', 'Invalid signing scope in Authorization header.'],
        ['20261122/cn-shanghai/oss/aliyun_v4_request', 'Invalid signing region in Authorization header.'],
        ['20261122/cn-hangzhou/s3/aliyun_v4_request', 'Invalid signing scope in Authorization header.'],
        ['20261122/cn-hangzhou/oss/aliyun_v3_request', 'Invalid signing scope in Authorization header.'],
        ['20261122/cn-hangzhou/oss', 'Invalid signing scope in Authorization header.'],
        ['', 'Invalid signing region in Authorization header.'],
      ]) {
        expect(refusal(v4(form, { scope: scope ?? '' })), scope).toMatchObject({
          code: 'InvalidArgument',
          message,
        });
      }
    },
  );

  test.each(['header', 'query'] as const)('in the %s, additional headers are signed', (form) => {
    const terms = { additional: 'host;range', headers: { host: 'a.example', range: 'bytes=0-1' } };
    expect(refusal(v4(form, terms))).toBe('accepted');
    const request = v4(form, terms);
    const changed = { ...request, headers: { ...request.headers, range: 'bytes=0-9' } };
    expect(refusal(changed)).toMatchObject({ code: 'SignatureDoesNotMatch' });
    const { range: _range, ...others } = request.headers;
    const absent = { code: 'InvalidArgument', details: { ArgumentValue: 'range' } };
    expect(refusal({ ...request, headers: others })).toMatchObject(absent);
    const unnamed = v4(form, { headers: terms.headers });
    const free = { ...unnamed, headers: { ...unnamed.headers, range: 'bytes=0-9' } };
    expect(refusal(free)).toBe('accepted');
  });
});

describe('time', () => {
  const noDate = {
    code: 'AccessDenied',
    message: 'OSS authentication requires a valid Date.',
    ec: '0002-00000505',
  };

  test.each(['', 'yesterday', '20261122T100000', 'x20261122T100000Z', '20261122T100000Zx'])(
    'a request dated %j is refused',
    (timestamp) => {
      for (const request of [
        v4('header', { timestamp }),
        v4('query', { timestamp }),
        v1('header', { timestamp }),
      ]) {
        expect(refusal(request)).toMatchObject(noDate);
      }
    },
  );

  test('a request too far off says by how much it may be', () => {
    const now = new Date(signedAt.getTime() + 900_001);
    for (const request of [v4('header'), v1('header')]) {
      expect(refusal(request, verifier({ now }))).toMatchObject({
        code: 'RequestTimeTooSkewed',
        ec: '0002-00000504',
        details: {
          MaxAllowedSkewMilliseconds: '900000',
          RequestTime: '2026-11-22T10:00:00.000Z',
          ServerTime: '2026-11-22T10:15:00.001Z',
        },
      });
    }
  });

  const expired = { code: 'AccessDenied', message: 'Request has expired.', ec: '0002-00000069' };
  test.each([
    ['V4', v4('query'), [-900_000, 60_000], [-900_001, 60_001]],
    ['V1', v1('query', { expires: '1795341660' }), [-1e10, 60_000], [60_001]],
  ] as const)('a %s URL holds from its date to its end', (_name, request, valid, invalid) => {
    const at = (ms: number) => verifier({ now: new Date(signedAt.getTime() + ms) });
    for (const ms of valid) expect(refusal(request, at(ms)), String(ms)).toBe('accepted');
    for (const ms of invalid) expect(refusal(request, at(ms)), String(ms)).toMatchObject(expired);
  });

  describe.each([
    ['a user', 'machine', 'wallNow', 'now'],
    ['a function', 'virtual', 'now', 'wallNow'],
  ] as const)('a URL that %s signed is judged by the %s clock alone', (_who, clock, own, other) => {
    const key = { secret, principal: 'test', clock };
    const by = (ownMs: number, otherMs: number): Verifier => ({
      ...verifier(),
      findKey: () => key,
      [own]: () => new Date(signedAt.getTime() + ownMs),
      [other]: () => new Date(signedAt.getTime() + otherMs),
    });
    const year = 365 * 24 * 3_600_000;

    test.each([
      ['V1', v1('query', { expires: '1795341660' })],
      ['V4', v4('query')],
    ])('%s', (_name, request) => {
      for (const elsewhere of [-year, 0, year]) {
        expect(refusal(request, by(60_000, elsewhere))).toBe('accepted');
        expect(refusal(request, by(60_001, elsewhere))).toMatchObject(expired);
      }
    });
  });

  test('a V4 URL lasts a second to a week', () => {
    for (const expires of ['1', '604800']) expect(refusal(v4('query', { expires }))).toBe('accepted');
    for (const expires of ['0', '604801', '-1', 'soon', '']) {
      expect(refusal(v4('query', { expires })), expires).toMatchObject({
        code: 'InvalidArgument',
        message: 'x-oss-expires is invalid.',
      });
    }
  });

  test.each(['', 'soon', '17953416x', 'x1795341660'])('a V1 URL that expires %j is refused', (expires) => {
    expect(refusal(v1('query', { expires }))).toMatchObject({
      code: 'InvalidArgument',
      message: 'Expires is invalid.',
    });
  });
});

describe('Authorization', () => {
  test.each(['OSS ', 'OSS :signature', `OSS ${id}:`, `XOSS ${id}:abc`, `OSS ${id}:abc def`, 'nonsense'])(
    '%j is no form of it',
    (authorization) => {
      const request = { ...v1('header'), headers: { date: signedAt.toUTCString(), authorization } };
      expect(refusal(request)).toMatchObject({
        code: 'InvalidArgument',
        message: 'Authorization header is invalid.',
      });
    },
  );

  test('nothing at all is anonymous', () => {
    expect(refusal({ method: 'GET', headers: {}, query: new Map() })).toMatchObject({
      code: 'AccessDenied',
      message: 'Anonymous access is forbidden for this operation.',
    });
  });

  test('whoever names a sender in any form is not anonymous', () => {
    for (const [, sign] of forms) expect(isAnonymous(sign())).toBe(false);
    expect(isAnonymous({ method: 'GET', headers: {}, query: new Map([['prefix', 'a']]) })).toBe(true);
  });

  test('a signature of another length is no signature', () => {
    const request = v1('header');
    const authorization = `${request.headers['authorization']}A`;
    expect(refusal({ ...request, headers: { ...request.headers, authorization } })).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});
