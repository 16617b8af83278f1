import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmacSha256 } from '../../../local/oss/signature/hmac.ts';

it('is the HMAC-SHA256 of node:crypto for every key and text', () => {
  const key = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(key, fc.string({ unit: 'grapheme', maxLength: 300 }), (bytes, text) => {
      expect(hmacSha256(bytes)(text)).toBe(createHmac('sha256', bytes).update(text).digest('hex'));
    }),
  );
});
