import type { Random } from './random.ts';

/** Texts that have broken readers before: brackets by the thousand, numbers at their limits, bytes that are no UTF-8. */
const hostile: readonly [string, ...string[]] = [
  '['.repeat(3000),
  '{"a":'.repeat(2000),
  '&a [*a,*a,*a,*a]',
  '<<: *a',
  '- '.repeat(1000),
  '"',
  "'",
  '\\',
  '\u0000',
  '\u202e',
  '\ud83d',
  '\ufeff',
  '\r\n',
  '\t',
  '%zz',
  '%C0%80',
  '+',
  '*'.repeat(200),
  '**/'.repeat(200),
  '{a,b}'.repeat(40),
  '[!',
  '!',
  '../',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '1e999',
  '-1',
  '0',
  '99999999999999999999',
  '9007199254740993',
  '0x10',
  '1_000',
  '.inf',
  '~',
  'P9999999999Y',
  '99999999999y',
  '2033-02-30',
  '2033-01-01T24:00:00+99:99',
  '275760-09-13T00:00:00Z',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  ']]>',
  '=cmd()',
  'a'.repeat(5000),
];

/**
 * Changes an input a few times: bytes, slices, words of the target and hostile texts.
 * @param other another input, of which a part may be put in
 */
export function mutate(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: Random,
): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) {
    bytes = changeOnce(bytes, other, words, random);
  }
  return bytes.subarray(0, mostBytes);
}

/** Longer inputs say nothing that shorter ones do not; sizes have tests of their own. */
const mostBytes = 64 * 1024;

function changeOnce(bytes: Buffer, other: Uint8Array, words: readonly string[], random: Random): Buffer {
  const start = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, start + random.below(1 + random.below(40)));
  const replaceBy = (middle: Uint8Array) =>
    Buffer.concat([bytes.subarray(0, start), middle, bytes.subarray(end)]);
  switch (random.below(9)) {
    case 8: {
      const depth = random.below(20_000);
      return Buffer.from(`${'['.repeat(depth)}${bytes.toString().slice(0, 1000)}${']'.repeat(depth)}`);
    }
    case 0:
      return replaceBy(Buffer.from([random.below(256)]));
    case 1:
      return replaceBy(new Uint8Array());
    case 2:
      return replaceBy(Buffer.from(random.pick(hostile)));
    case 3:
      return replaceBy(other.subarray(random.below(other.length + 1)).subarray(0, random.below(200)));
    case 4:
      return replaceBy(Buffer.concat([bytes.subarray(start, end), bytes.subarray(start, end)]));
    case 5:
      return bytes.subarray(0, start);
    default: {
      const [first, ...rest] = words;
      return replaceBy(Buffer.from(first === undefined ? '' : random.pick([first, ...rest])));
    }
  }
}
