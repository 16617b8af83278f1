import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTagDate } from '../../../shared/rules/tag-date.ts';

test.each([
  ['2033-01-01', '2033-01-02T00:00:00.000Z'],
  ['2033-12-31', '2034-01-01T00:00:00.000Z'],
  ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ['2033-01-01T10:00:00Z', '2033-01-01T10:00:00.000Z'],
  ['2033-01-01T10:00Z', '2033-01-01T10:00:00.000Z'],
  ['2033-01-01T10:00:00', '2033-01-01T10:00:00.000Z'],
  ['2033-01-01T10:00:00+08:00', '2033-01-01T02:00:00.000Z'],
  ['2033-01-01T10:00:00-0530', '2033-01-01T15:30:00.000Z'],
  ['2033-01-01T10:00:00.250Z', '2033-01-01T10:00:00.250Z'],
  ['2033-01-01T10:00:00.0001Z', '2033-01-01T10:00:00.001Z'],
])('%s means %s', (text, instant) => {
  expect(parseTagDate(text)?.toISOString()).toBe(instant);
});

test.each([
  '2033-02-30',
  '2033-02-29',
  '2033-13-01',
  '2033-00-01',
  '2033-01-01T25:00:00Z',
  '2033-01-01T10:61:00Z',
  '2033',
  '2033-01',
  '2033-W05',
  '2033-W05-1',
  '2033-001',
  '20330101',
  '33-01-01',
  '01/02/2033',
  ' 2033-01-01',
  '2033-01-01 10:00:00',
  '2033-01-01T10Z',
  'tomorrow',
  '7y',
  '',
])('%j is no date', (text) => {
  expect(parseTagDate(text)).toBeUndefined();
});

test('a date-time means itself, whatever its offset', () => {
  const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, fc.integer({ min: -12 * 60, max: 14 * 60 }), (instant, offset) => {
      const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
      const pad = (value: number) => String(value).padStart(2, '0');
      const text = `${local}${offset < 0 ? '-' : '+'}${pad(hours)}:${pad(minutes)}`;
      expect(parseTagDate(text)).toEqual(instant);
    }),
  );
});
