import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesUpTo, decodeText, readTextFile, readTextFileSync } from '../../../shared/platform/text.ts';

test('a file that an editor saved as GBK is refused with the place of its first such byte', async () => {
  const file = 'test/fixtures/cases/rules/gbk.yaml';
  await expect(readTextFile(file)).rejects.toMatchObject({
    code: 'TEXT_ENCODING',
    message: `${file} is not UTF-8 text: byte 106, in line 4, is part of no UTF-8 character`,
    remedy: expect.stringContaining('save it as UTF-8'),
  });
});

test.each([
  ['a cut character', [0x61, 0x0a, 0xe5, 0x90], 'byte 3, in line 2'],
  ['Latin-1', [...Buffer.from('caf\u00e9', 'latin1')], 'byte 4, in line 1'],
  ['an overlong slash', [0xc0, 0xaf], 'byte 1, in line 1'],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80], 'byte 1, in line 1'],
  ['UTF-16 of Windows', [0xff, 0xfe, 0x76, 0x00], 'UTF-16 (little-endian)'],
  ['UTF-16, the other way', [0xfe, 0xff, 0x00, 0x76], 'UTF-16 (big-endian)'],
])('%s is refused', (_name, bytes, words) => {
  expect(() => decodeText(Uint8Array.from(bytes), 'x')).toThrow(words);
});

test('a file without an end is read no further than the bound', async () => {
  const message = 'it has more than 32 MiB';
  await expect(readTextFile('/dev/zero')).rejects.toThrow(message);
  expect(() => readTextFileSync('/dev/zero')).toThrow(message);
});

test('a stream is read up to the bound, and one byte beyond it is too much', async () => {
  const stream = () => Readable.from([Buffer.alloc(1024 * 1024), Buffer.from('ab')]);
  expect((await bytesUpTo(stream(), 1024 * 1024 + 2)).length).toBe(1024 * 1024 + 2);
  await expect(bytesUpTo(stream(), 1024 * 1024)).rejects.toThrow('it has more than 1 MiB');
});

test('a file is read whole, at once or not', async () => {
  const file = 'docs/errors-j-z.md';
  expect(await readTextFile(file)).toBe(readFileSync(file, 'utf8'));
  expect(readTextFileSync(file)).toBe(readFileSync(file, 'utf8'));
});

test('a byte order mark of UTF-8 is taken off', () => {
  expect(decodeText(Buffer.from('\uFEFFversion: 1'), 'x')).toBe('version: 1');
});

test('any text comes back, and other bytes never as something else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeText(Buffer.from(text), 'x')).toBe(text.replace(/^\uFEFF/, ''));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const text = decodeText(bytes, 'x');
        expect(
          Buffer.from(bytes)
            .toString()
            .replace(/^\uFEFF/, ''),
        ).toBe(text);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TEXT_ENCODING' });
      }
    }),
  );
});

test('the case file is what it says', () => {
  expect(
    readFileSync('test/fixtures/cases/rules/gbk.yaml').includes(Buffer.from([0xba, 0xcf, 0xcd, 0xac])),
  ).toBe(true);
});
