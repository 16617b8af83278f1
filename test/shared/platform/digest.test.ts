import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf, hashBefore, hmacSha256 } from '../../../shared/platform/digest.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 900 }), // longer than what is signed for a request
);

it('is the HMAC-SHA256 of node:crypto for every key and each text after the other', () => {
  const key = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(key, fc.array(text, { maxLength: 5 }), (bytes, texts) => {
      const mac = hmacSha256(bytes);
      for (const each of texts) {
        expect(mac(each)).toBe(createHmac('sha256', bytes).update(each).digest('hex'));
      }
    }),
  );
});

it('hashes texts and bytes as node:crypto does by an object, in any Node.js', () => {
  const data = fc.oneof(text, fc.uint8Array());
  const form = fc.tuple(fc.constantFrom('md5', 'sha256'), fc.constantFrom('hex', 'base64'));
  fc.assert(
    fc.property(data, form, (each, [algorithm, encoding]) => {
      const expected = createHash(algorithm).update(each).digest(encoding);
      expect(digestOf(algorithm, each, encoding)).toBe(expected);
      expect(hashBefore(algorithm, each, encoding)).toBe(expected);
    }),
  );
});
