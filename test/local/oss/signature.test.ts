import { describe, expect, test } from 'vitest';
import type { Address } from '../../../local/oss/address.ts';
import { authenticate, type Verifier } from '../../../local/oss/signature/verify.ts';
import { type Capture, readCaptures, readings } from '../../support/oss-captures.ts';

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
    expect(captures.length).toBeGreaterThan(250);
  });

  test.each(captures.map((capture) => [capture.name, capture] as const))('%s verifies', (_name, capture) => {
    const { principal, address } = verify(capture);
    expect(principal).toBe('user test');
    if (!capture.name.includes('list_buckets')) expect(address.bucket).toBe('examplebucket');
    if (capture.name.includes('_object') && !/list_|delete_multiple|bucket_object_worm/.test(capture.name)) {
      expect(address.key).not.toBe('');
    }
  });
});
