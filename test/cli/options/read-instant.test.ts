import { expect, it } from 'vitest';
import { readInstant } from '../../../cli/options/read-instant.ts';
import { readSince } from '../../../cli/options/since.ts';

const now = new Date('2026-11-20T10:00:00Z');

it.each(['2027-02-30', '2027-13-01', '2027-02-30T10:00:00Z', '2027-02-28T25:00'])(
  'says of %s that there is no such day or time',
  (text) => {
    const refused = { code: 'USAGE', message: expect.stringContaining('there is no such day or time') };
    expect(() => readInstant('--modified', text)).toThrow(expect.objectContaining(refused));
    expect(() => readSince(text, now)).toThrow(expect.objectContaining(refused));
  },
);

it.each(['now', '12345-01-01', ''])('says of %j what is expected', (text) => {
  const refused = { code: 'USAGE', message: expect.stringContaining('expected ISO 8601') };
  expect(() => readInstant('--modified', text)).toThrow(expect.objectContaining(refused));
  expect(() => readSince(text, now)).toThrow(expect.objectContaining(refused));
});
