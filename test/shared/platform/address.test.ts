import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressIn,
  cloudNames,
  formatAddress,
  objectIn,
  parseAddress,
} from '../../../shared/platform/address.ts';
import { HoldfastError } from '../../../shared/platform/errors.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof HoldfastError ? error.code : String(error);
  }
};

describe('an address', () => {
  test('that was written is read as it was', () => {
    const bucket = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,20}$/);
    const key = fc.string({ minLength: 1, unit: 'binary' });
    fc.assert(
      fc.property(fc.constantFrom(...cloudNames), bucket, key, (cloud, name, path) => {
        const text = formatAddress(cloud, { bucket: name, key: path });
        expect(parseAddress(text)).toEqual({ cloud, bucket: name, key: path });
        expect(objectIn(cloud, text)).toEqual({ bucket: name, key: path });
      }),
      { numRuns: 30 },
    );
  });

  test('names a bucket alone, with or without a slash', () => {
    expect(parseAddress('obs://b')).toEqual({ cloud: 'obs', bucket: 'b', key: '' });
    expect(parseAddress('oss://b/')).toEqual({ cloud: 'oss', bucket: 'b', key: '' });
    expect(objectIn('oss', 'oss://b/')).toBeUndefined();
    expect(formatAddress('obs', { bucket: 'b' })).toBe('obs://b');
    expect(formatAddress('obs', { bucket: 'b', key: 'k', versionId: 'V' })).toBe('obs://b/k?versionId=V');
  });

  test.each([
    ['s3://b/k', 'ADDRESS_SCHEME'],
    ['https://b/k', 'ADDRESS_SCHEME'],
    ['OSS://b/k', 'ADDRESS_SCHEME'],
    ['obs://b/k', 'ADDRESS_CLOUD'],
    ['OBS://b/k', 'ADDRESS_CLOUD'],
    ['obs://', 'ADDRESS_CLOUD'],
    ['b/k', 'none'],
    ['oss:/b/k', 'none'],
    ['oss://', 'none'],
    ['oss:///k', 'none'],
    ['', 'none'],
  ])('%j where OSS is served: %s', (text, code) => {
    expect(codeOf(() => addressIn('oss', text))).toBe(code);
    if (code === 'none') expect(addressIn('oss', text)).toBeUndefined();
  });

  test('of the other cloud says which one is served', () => {
    expect(() => addressIn('obs', 'oss://b/k')).toThrow(
      'oss://b/k is in another cloud: here obs:// is served',
    );
  });
});
