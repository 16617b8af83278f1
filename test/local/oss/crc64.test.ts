import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc64, joinCrc64 } from '../../../local/oss/crc64.ts';

const checksum = (text: string, before?: string) => {
  const crc = crc64(before);
  crc.update(Buffer.from(text));
  return crc.digest();
};

// The check value is that of CRC-64/XZ in the CRC catalogue; the second pair is what OSS answered in a recorded upload.
test.each([
  ['', '0'],
  ['123456789', '11051210869376104954'],
  ['This is tagging test data', '6950286887824660853'],
])('the checksum of %j is %s', (text, expected) => {
  expect(checksum(text)).toBe(expected);
});

test('it can be taken up again from the checksum so far', () => {
  expect(checksum('6789', checksum('12345'))).toBe('11051210869376104954');
});

test('the checksums of two runs of bytes make the checksum of both together', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (first, second) => {
      const size = Buffer.byteLength(second);
      expect(joinCrc64(checksum(first), checksum(second), size)).toBe(checksum(first + second));
    }),
  );
});
