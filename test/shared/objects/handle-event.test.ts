import { expect, it } from 'vitest';
import type { ObjectEvent } from '../../../shared/events/object-events.ts';
import { handleEvent } from '../../../shared/objects/handle-event.ts';
import { etag, versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';
import { ok, scriptedStorage } from '../../support/scripted-storage.ts';

const scripted = scriptedStorage();
const clock = manualClock('2026-11-29T00:00:01Z');
const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: all, match: { bucket: data }, retain: 1y }
`);

const event: ObjectEvent = {
  name: 'ObjectCreated:PutObject',
  bucket: 'data',
  key: 'a',
  time: clock.now(),
  etag: etag('E1'),
  versionId: undefined,
  deltaSize: 1,
};

const head = ok('', {
  etag: '"E1"',
  'last-modified': 'Sun, 29 Nov 2026 00:00:00 GMT',
  'x-oss-version-id': 'V1',
  'x-oss-object-type': 'Normal',
  'content-length': '0',
});

it('tells of a retention that was written before something failed that nobody expected', async () => {
  scripted.server.script(head, ok('', { 'x-oss-request-id': 'R1' }));
  const unexpected = new TypeError('a fault of our own');
  const readMatters = () => Promise.reject(unexpected);
  const handled = await handleEvent({ storage: scripted.storage, rules, clock, readMatters }, event);
  expect(handled.error).toBe(unexpected);
  expect(handled.outcomes).toEqual([
    expect.objectContaining({
      versionId: versionId('V1'),
      decision: expect.objectContaining({ action: 'protect', rule: 'all' }),
      receipt: expect.objectContaining({ sent: true }),
    }),
  ]);
});
