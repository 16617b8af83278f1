import { expect, test } from 'vitest';
import { garble } from '../../../local/fc/garble.ts';
import { createWeather } from '../../../local/fc/weather.ts';

const eventOf = (key: string) => ({
  eventName: 'ObjectCreated:PutObject',
  eventTime: '2028-03-01T00:00:01.000Z',
  oss: { bucket: { name: 'fin' }, object: { key, size: 1 } },
});
const bytes = (document: unknown) => Buffer.from(JSON.stringify(document));
const read = (payload: Buffer) => JSON.parse(payload.toString('utf8'));

test.each([
  ['percent', 'a%20b%2Fc%2B%25.txt'],
  ['form', 'a+b/c%2B%25.txt'],
] as const)('a key is encoded, the %s way, and nothing else changes', (key, expected) => {
  const garbled = read(garble(bytes({ events: [eventOf('a b/c+%.txt')], more: 1 }), { key }));
  expect(garbled).toEqual({ events: [eventOf(expected)], more: 1 });
});

test('an event is stamped earlier, on either cloud', () => {
  const earlier = '2028-02-29T23:59:59.900Z';
  const oss = garble(bytes({ events: [eventOf('k')] }), { earlierMs: 1100 });
  expect(read(oss).events[0]).toEqual({ ...eventOf('k'), eventTime: earlier });
  const record = { eventTime: '2028-03-01T00:00:01.000Z', s3: { object: { key: 'a%2Fb' } } };
  const obs = garble(bytes({ Records: [record] }), { earlierMs: 1100, key: 'percent' });
  expect(read(obs).Records[0]).toEqual({ ...record, eventTime: earlier });
});

test('another event stays as it is', () => {
  const timer = bytes({ triggerTime: '2028-03-01T00:00:00Z', payload: '' });
  expect(garble(timer, { key: 'form', earlierMs: 5 })).toBe(timer);
});

test('the weather encodes and stamps this part of the events', () => {
  const weather = createWeather([{ kind: 'events', encode: 0.4, early: 0.2, seed: 3 }]);
  const sent = Array.from({ length: 1000 }, () => read(weather.garble(bytes({ events: [eventOf('a b')] }))));
  const encoded = sent.filter(({ events: [{ oss }] }) => oss.object.key !== 'a b').length;
  const early = sent.filter(({ events: [{ eventTime }] }) => eventTime < '2028-03-01T00:00:01.000Z').length;
  expect(encoded / 1000).toBeCloseTo(0.4, 1);
  expect(early / 1000).toBeCloseTo(0.2, 1);
  const fine = createWeather([{ kind: 'events', lose: 0.5 }]);
  const event = bytes({ events: [eventOf('a b')] });
  expect(fine.garble(event)).toBe(event);
});
