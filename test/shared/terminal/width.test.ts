import fc from 'fast-check';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { widthOf } from '../../../shared/terminal/width.ts';

const colors = pc.createColors(true);
const parts = [
  '中文',
  '한',
  '한',
  'ｱﾞ',
  'é',
  'e\u0301',
  'का',
  '👩‍👩‍👧',
  '👍🏽',
  '🇨🇳',
  '1️⃣',
  '❤️',
  '\u200b',
  '…',
];
const piece = fc.oneof(
  fc.constantFrom(...parts),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll(/\p{Control}/gu, '')),
);
const colored = fc
  .tuple(piece, fc.constantFrom(colors.red, colors.bold, colors.dim, String))
  .map(([text, color]) => color(text));

it('is what string-width says, of ASCII and of any other text, with colours and without', () => {
  fc.assert(
    fc.property(fc.array(colored, { maxLength: 6 }), (texts) => {
      const line = texts.join('');
      expect(widthOf(line)).toBe(stringWidth(line));
    }),
  );
});

it.each([
  ['', 0],
  ['plain', 5],
  [colors.green('plain'), 5],
  ['中文', 4],
  [colors.green('中文'), 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
])('%j takes %i columns', (line, columns) => {
  expect(widthOf(line)).toBe(columns);
});
