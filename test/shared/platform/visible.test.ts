import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleJson, visibleLines } from '../../../shared/platform/visible.ts';

test.each([
  ['an escape sequence', '\u001b[31ma', '⟨U+001B⟩[31ma'],
  ['a line feed', 'a\nb', 'a⟨U+000A⟩b'],
  ['a carriage return', 'a\rb', 'a⟨U+000D⟩b'],
  ['a C1 control', '\u009b31m', '⟨U+009B⟩31m'],
  ['a mark that turns the direction', 'a\u202egpj.exe', 'a⟨U+202E⟩gpj.exe'],
  ['an isolate', '\u2066a', '⟨U+2066⟩a'],
  ['a zero-width space', 'a\u200bb', 'a⟨U+200B⟩b'],
  ['a filler of Hangul', '\u3164', '⟨U+3164⟩'],
  ['a line separator', '\u2028', '⟨U+2028⟩'],
  ['half of a surrogate pair', '\ud800a', '⟨U+D800⟩a'],
  ['a tag character', '\u{e0041}', '⟨U+E0041⟩'],
])('%s is made visible', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each(['账本/2026 年.csv', 'naïve', '🗂️'.replace('\ufe0f', ''), 'a b-c_d', '\u3000'])(
  '%s stays as it is',
  (text) => {
    expect(visible(text)).toBe(text);
  },
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f]/;

test('no control character is left in any text, and lines stay lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(controls);
      expect(visible(text)).not.toContain('\n');
      expect(visible(text)).not.toMatch(/\p{Cs}/u);
      expect(visibleLines(text).split('\n')).toHaveLength(text.split('\n').length);
    }),
  );
});

test('JSON keeps its value', () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
      const value: unknown = { value: JSON.parse(json), text };
      for (const written of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
        expect(visibleJson(written)).not.toMatch(controls);
        expect(JSON.parse(visibleJson(written))).toEqual(JSON.parse(written));
      }
    }),
  );
});
