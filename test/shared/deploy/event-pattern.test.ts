import { describe, expect, test } from 'vitest';
import {
  bucketsOfPattern,
  passesSubject,
  patternForBucket,
  readFilterPattern,
} from '../../../shared/deploy/event-pattern.ts';

const pattern = (subject?: readonly unknown[]) => {
  const read = readFilterPattern(
    JSON.stringify({
      source: ['acs.oss'],
      type: ['oss:ObjectCreated:PutObject'],
      ...(subject && { subject }),
    }),
  );
  if (read === undefined) throw new Error('it is no pattern');
  return read;
};
const subjectOf = (bucket: string, key: string) => `acs:oss:cn-hangzhou:1234567890123456:${bucket}/${key}`;

describe('the pattern for one bucket', () => {
  const read = readFilterPattern(patternForBucket('cn-hangzhou', '1234567890123456', 'fin-eu'));

  test('passes all keys of it and of no other bucket', () => {
    expect(read && bucketsOfPattern(read)).toEqual(['fin-eu']);
    expect(read && passesSubject(read, subjectOf('fin-eu', 'a/b'))).toBe(true);
    expect(read && passesSubject(read, subjectOf('fin-eu-2', 'a/b'))).toBe(false);
  });
});

test.each([
  ['no subjects', undefined],
  ['a part of a bucket', [{ prefix: subjectOf('fin-eu', 'ledger/') }]],
  ['the beginning of a name', [{ prefix: 'acs:oss:cn-hangzhou:1234567890123456:fin' }]],
  ['a form that is not read here', [{ suffix: '.csv' }]],
  ['one bucket beside such a form', [{ prefix: subjectOf('fin-eu', '') }, { suffix: '.csv' }]],
])('a pattern with %s may pass any bucket', (_name, subject) => {
  expect(bucketsOfPattern(pattern(subject))).toBeUndefined();
});

test.each([
  [[{ prefix: subjectOf('a', 'x') }], subjectOf('a', 'xy'), true],
  [[{ prefix: subjectOf('a', 'x') }], subjectOf('a', 'y'), false],
  [[subjectOf('a', 'x')], subjectOf('a', 'x'), true],
  [[subjectOf('a', 'x')], subjectOf('a', 'xy'), false],
  [[{ suffix: '.csv' }], subjectOf('a', 'xy'), true],
])('%j on %s: %s', (subject, text, passes) => {
  expect(passesSubject(pattern(subject), text)).toBe(passes);
});
