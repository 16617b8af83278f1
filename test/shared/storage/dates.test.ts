import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseServiceDate } from '../../../shared/storage/dates.ts';

describe('a date of the service', () => {
  test.each([
    ['ISO with milliseconds', '2021-01-19T08:34:39.000Z', '2021-01-19T08:34:39.000Z'],
    ['ISO with real milliseconds', '2027-10-11T00:00:00.123Z', '2027-10-11T00:00:00.123Z'],
    ['ISO in seconds', '2027-10-11T00:00:00Z', '2027-10-11T00:00:00.000Z'],
    ['ISO with an offset', '2027-10-11T08:00:00+08:00', '2027-10-11T00:00:00.000Z'],
    ['ISO with a compact offset', '2027-10-11T08:00:00.500+0800', '2027-10-11T00:00:00.500Z'],
    ['ISO without a zone, which is UTC', '2020-10-15T15:50:32', '2020-10-15T15:50:32.000Z'],
    ['RFC 1123', 'Fri, 24 Feb 2012 06:07:48 GMT', '2012-02-24T06:07:48.000Z'],
  ])('is read as %s', (_form, text, expected) => {
    expect(parseServiceDate(text)?.toISOString()).toBe(expected);
  });

  test.each([
    [''],
    ['soon'],
    ['2027-10-11'],
    ['1700000000'],
    ['2027-02-30T00:00:00Z'],
    ['2027-10-11T25:00:00Z'],
    ['2027-10-11 00:00:00Z'],
    ['2027-W10-1T00:00:00Z'],
    ['Fri, 24 Feb 2012 06:07:48 +0800'],
    ['Fri, 24 Foo 2012 06:07:48 GMT'],
    ['Mon, 24 Feb 2012 06:07:48 GMT'],
    ['Friday, 24-Feb-12 06:07:48 GMT'],
    ['Fri Feb 24 06:07:48 2012'],
    ['Fri, 24 Feb 2012 06:07:48 GMT\n'],
    [' 2027-10-11T00:00:00Z'],
    ['2027-10-11T00:00:00Z\n'],
    ['+010000-01-01T00:00:00.000Z'],
    ['-000001-01-01T00:00:00.000Z'],
    ['Sat, 01 Jan 10000 00:00:00 GMT'],
    ['Fri, 01 Jan -0001 00:00:00 GMT'],
  ])('is unreadable as %j', (text) => {
    expect(parseServiceDate(text)).toBeUndefined();
  });

  test('comes back unchanged from both forms that the service writes', () => {
    const instants = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('2199-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => {
        expect(parseServiceDate(date.toISOString())).toEqual(date);
        const toTheSecond = new Date(Math.floor(date.getTime() / 1000) * 1000);
        expect(parseServiceDate(date.toUTCString())).toEqual(toTheSecond);
      }),
    );
  });
});
