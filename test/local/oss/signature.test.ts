import { describe, expect, test } from 'vitest';
import type { Address } from '../../../local/oss/address.ts';
import type { Verifier } from '../../../local/oss/signature/verify.ts';
import { authenticate } from '../../support/authenticate.ts';
import { type Capture, capturedBucket, readCaptures, readings } from '../../support/oss-captures.ts';

const captures = readCaptures();

function verifier(signedAt: Date, secret = 'testsecret'): Verifier {
  return {
    region: 'cn-hangzhou',
    now: () => signedAt,
    wallNow: () => signedAt,
    findKey: (id) => (id === 'LTAItestkeyid' ? { secret, principal: 'user test' } : undefined),
  };
}

function verify(capture: Capture, change: Partial<Capture['request']> = {}, addresses?: readonly Address[]) {
  const request = { ...capture.request, ...change };
  return authenticate(request, addresses ?? readings(capture), verifier(capture.signedAt));
}

/** The code of the refusal. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'accepted';
}

describe('requests of real clients (captured byte for byte)', () => {
  test('there are captures of every client', () => {
    expect(captures.length).toBeGreaterThanOrEqual(408);
  });

  test.each(captures.map((capture) => [capture.name, capture] as const))('%s verifies', (_name, capture) => {
    const { principal, address } = verify(capture);
    expect(principal).toBe('user test');
    const isSequence = /^(java2|php)/.test(capture.name);
    if (!isSequence && !capture.name.includes('list_buckets')) expect(address.bucket).toBe(capturedBucket);
    if (
      !isSequence &&
      capture.name.includes('_object') &&
      !/list_|delete_multiple|bucket_object_worm/.test(capture.name)
    ) {
      expect(address.key).not.toBe('');
    }
  });
});

describe('a changed request is refused', () => {
  const table = captures.map((capture) => [capture.name, capture] as const);

  test.each(table)('%s: wrong secret', (_name, capture) => {
    const wrong = verifier(capture.signedAt, 'testsecreT');
    expect(refusal(() => authenticate(capture.request, readings(capture), wrong))).toBe(
      'SignatureDoesNotMatch',
    );
  });

  test.each(table)('%s: one byte of the path', (_name, capture) => {
    const target = capture.target.replace(/^\/([^?]*)/, (path) => `${path}x`);
    const run = () => verify(capture, {}, readings(capture, { target }));
    expect(refusal(run)).toBe('SignatureDoesNotMatch');
  });

  test.each(table)('%s: method', (_name, capture) => {
    expect(refusal(() => verify(capture, { method: 'PATCH' }))).toBe('SignatureDoesNotMatch');
  });

  test.each(table)('%s: every signed header', (_name, capture) => {
    const { headers } = capture.request;
    const signed = Object.keys(headers).filter(
      (name) => name === 'content-type' || name === 'content-md5' || /^x-oss-(?!date)/.test(name),
    );
    for (const name of signed) {
      const changed = { ...headers, [name]: `${headers[name]}x` };
      expect(
        refusal(() => verify(capture, { headers: changed })),
        name,
      ).toBe('SignatureDoesNotMatch');
    }
    const added = { ...headers, 'x-oss-meta-added': 'x' };
    expect(refusal(() => verify(capture, { headers: added }))).toBe('SignatureDoesNotMatch');
  });

  test.each(table.filter(([, capture]) => capture.request.query.has('versionId')))(
    '%s: the version id in the query',
    (_name, capture) => {
      const query = new Map(capture.request.query).set('versionId', 'CAEQother');
      expect(refusal(() => verify(capture, { query }))).toBe('SignatureDoesNotMatch');
    },
  );

  test.each(table)('%s: a sub-resource more', (_name, capture) => {
    const query = new Map(capture.request.query).set('restore', '');
    expect(refusal(() => verify(capture, { query }))).toBe('SignatureDoesNotMatch');
  });

  test.each(table.filter(([, capture]) => capture.request.headers['authorization']?.startsWith('OSS4')))(
    '%s: a filter of a listing (V4 signs the whole query)',
    (_name, capture) => {
      const query = new Map(capture.request.query).set('prefix', 'elsewhere');
      expect(refusal(() => verify(capture, { query }))).toBe('SignatureDoesNotMatch');
    },
  );
});

describe('who may not come in', () => {
  const [capture] = captures.filter(({ name }) => name === 'alioss-v4-head_object');
  const [captureV1] = captures.filter(({ name }) => name === 'alioss-v1-head_object');
  if (!capture || !captureV1) throw new Error('the captures are incomplete');

  test('an unknown access key', () => {
    const nobody = { ...verifier(capture.signedAt), findKey: () => undefined };
    expect(refusal(() => authenticate(capture.request, readings(capture), nobody))).toBe(
      'InvalidAccessKeyId',
    );
  });

  test('a request without credentials', () => {
    const { authorization: _dropped, ...headers } = capture.request.headers;
    expect(refusal(() => verify(capture, { headers }))).toBe('AccessDenied');
  });

  test.each([
    ['garbage', 'OSS nonsense', 'InvalidArgument'],
    ['another scheme', 'Digest LTAItestkeyid:abc', 'InvalidArgument'],
    ['the scheme of another cloud', 'AWS LTAItestkeyid:abc', 'NotImplemented'],
    ['an empty V4 header', 'OSS4-HMAC-SHA256 ', 'InvalidArgument'],
  ])('%s in Authorization', (_name, authorization, code) => {
    const headers = { ...capture.request.headers, authorization };
    expect(refusal(() => verify(capture, { headers }))).toBe(code);
  });

  test('a V4 signature scoped to another region', () => {
    const elsewhere = { ...verifier(capture.signedAt), region: 'cn-shanghai' };
    expect(refusal(() => authenticate(capture.request, readings(capture), elsewhere))).toBe(
      'InvalidArgument',
    );
  });

  test.each([
    ['V1', captureV1],
    ['V4', capture],
  ])('a %s request more than 15 minutes from both clocks', (_name, { request, signedAt, ...rest }) => {
    const at = (nowMs: number, wallMs: number) => ({
      ...verifier(signedAt),
      now: () => new Date(signedAt.getTime() + nowMs),
      wallNow: () => new Date(signedAt.getTime() + wallMs),
    });
    const addresses = readings({ request, signedAt, ...rest });
    const limit = 15 * 60_000;
    const farAway = 365 * 24 * 3_600_000;
    expect(refusal(() => authenticate(request, addresses, at(limit, farAway)))).toBe('accepted');
    expect(refusal(() => authenticate(request, addresses, at(farAway, -limit)))).toBe('accepted');
    expect(refusal(() => authenticate(request, addresses, at(limit + 1, farAway)))).toBe(
      'RequestTimeTooSkewed',
    );
    expect(refusal(() => authenticate(request, addresses, at(-farAway, -limit - 1)))).toBe(
      'RequestTimeTooSkewed',
    );
  });
});
