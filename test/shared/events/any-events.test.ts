import { describe, expect, test } from 'vitest';
import { readAnyEvents } from '../../../shared/events/any-events.ts';
import { readObjectEvents } from '../../../shared/events/object-events.ts';
import { readObsEvents } from '../../../shared/events/obs-events.ts';

const place = { bucket: { name: 'b' }, object: { key: 'k' } };
const named = { eventName: 'ObjectCreated:Put' };
const ofObs = { ...named, obs: place };
const ofOss = { ...named, oss: place };
const cloudEvent = (data: object) => ({ specversion: '1.0', type: 'T:ObjectCreated:PUT', data });

const obsShapes: [string, object][] = [
  ['the records of a trigger', { Records: [{ ...named, s3: place }] }],
  ['the records of a message', { Records: [ofObs] }],
  ['a CloudEvent', cloudEvent(ofObs)],
  ['bare data', ofObs],
];
const ossShapes: [string, object][] = [
  ['a batch', { events: [ofOss] }],
  ['a CloudEvent', cloudEvent(ofOss)],
  ['a CloudEvent with a batch', cloudEvent({ events: [ofOss] })],
];

/** Why nothing can be read, thrown or said of each entry. */
function reasons(read: () => readonly object[]): string {
  try {
    return JSON.stringify(read());
  } catch (error) {
    return String(error);
  }
}

describe('an event of either cloud is told by its fields', () => {
  test.each([...obsShapes, ...ossShapes])('%s', (_, event) => {
    expect(readAnyEvents(JSON.stringify(event))).toEqual([
      expect.objectContaining({ bucket: 'b', key: 'k' }),
    ]);
  });
});

describe('an event of the other cloud is refused with its name', () => {
  test.each(obsShapes)('by the functions for OSS: %s', (_, event) => {
    const said = reasons(() => readObjectEvents(Buffer.from(JSON.stringify(event))));
    expect(said).toContain('it is an event of OBS, which the functions for FunctionGraph take');
  });

  test.each(ossShapes)('by the functions for OBS: %s', (_, event) => {
    expect(reasons(() => readObsEvents(event))).toContain(
      'it is an event of OSS, which the functions for Function Compute take',
    );
  });
});
