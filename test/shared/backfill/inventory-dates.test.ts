import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readInventoryDate } from '../../../shared/backfill/inventory/dates.ts';

const instant = '2025-04-14T07:06:00Z';

it.each([
  '2025-04-14T07-06-00Z',
  '2025-04-14T07:06:00Z',
  '2025-04-14T07-06-00.123Z',
  '2025-04-14T07-06-00-123Z',
  '2025-04-14T07:06:00.999Z',
  '2025-04-14T07:06:00',
  '2025-04-14 07:06:00.024',
  '2025-04-14T09:06:00+02:00',
  '2025-04-14T09-06-00+0200',
  '2025-04-13T23:06:00-0800',
  '1744614360',
  '1744614360123',
])('%s is read, in whole seconds', (text) => {
  expect(readInventoryDate(text)).toEqual(new Date(instant));
});

it.each([
  'soon',
  '',
  '2025-04-14',
  '2025-04-14T07-06:00Z',
  '2025-02-29T07-06-00Z',
  '2025-02-30T07:06:00.000Z',
  '2025-13-01T07-06-00Z',
  '2025-00-01T07-06-00Z',
  '2025-04-31T07-06-00Z',
  '2025-04-14T24-00-00Z',
  '2025-04-14T07-60-00Z',
  '2025-04-14T07:06:00+25:00',
  '2025-O4-14T07-06-00Z',
  '-025-04-14T07-06-00Z',
  '12345',
])('%s is no date, and is not shifted to one', (text) => {
  expect(readInventoryDate(text)).toBeUndefined();
});

it('every second from 1970 to 9999 is read from both usual forms', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      const date = new Date(seconds * 1000);
      const iso = date.toISOString().replace('.000', '');
      expect(readInventoryDate(iso)).toEqual(date);
      expect(readInventoryDate(iso.replaceAll(':', '-'))).toEqual(date);
    }),
  );
});
