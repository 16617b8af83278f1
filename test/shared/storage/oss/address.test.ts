import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIPv4Host } from '../../../../shared/storage/oss/address.ts';

test('the host of an endpoint is an IPv4 address whenever node:net says so, however it was written', () => {
  const parts = fc.array(fc.oneof(fc.nat(300).map(String), fc.constantFrom('0x7f', '017', 'a1', 'oss')), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV4Extended(),
        fc.domain(),
        parts.map((of) => of.join('.')),
      ),
      (host) => {
        fc.pre(URL.canParse(`https://${host}`));
        const url = new URL(`https://${host}`);
        expect(isIPv4Host(url)).toBe(isIPv4(url.hostname));
      },
    ),
  );
  expect(['127.1', '0x7f.1', '2130706433'].map((host) => isIPv4Host(new URL(`http://${host}:80`)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(isIPv4Host(new URL('http://[::1]:80'))).toBe(false);
});
