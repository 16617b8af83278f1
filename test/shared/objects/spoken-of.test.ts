import { describe, expect, it } from 'vitest';
import type { ObjectEvent } from '../../../shared/events/object-events.ts';
import { spokenOf } from '../../../shared/objects/spoken-of.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';

const event = (part: Partial<ObjectEvent> = {}): ObjectEvent => ({
  name: 'ObjectCreated:PutObject',
  bucket: 'b',
  key: 'k',
  time: new Date('2026-11-21T10:00:05.300Z'),
  etag: etag('AA'),
  versionId: undefined,
  deltaSize: 3,
  ...part,
});

const version = (id: string, second: string, tag = 'AA', key = 'k'): ListedVersion => ({
  kind: 'version',
  bucket: 'b',
  key,
  versionId: versionId(id),
  isLatest: false,
  lastModified: new Date(`2026-11-21T10:00:${second}.000Z`),
  etag: etag(tag),
  size: 3,
  type: 'Normal',
});
const marker: ListedVersion = {
  kind: 'delete-marker',
  bucket: 'b',
  key: 'k',
  versionId: versionId('M'),
  isLatest: true,
  lastModified: new Date('2026-11-21T10:00:06Z'),
};

describe('the version that an event speaks of', () => {
  const table: [string, Partial<ObjectEvent>, ListedVersion[], string[]][] = [
    [
      'the one with its ETag, beneath a newer one',
      {},
      [version('v2', '06', 'BB'), version('v1', '05')],
      ['v1'],
    ],
    ['beneath a delete marker', {}, [marker, version('v1', '05')], ['v1']],
    [
      'the newest not after the event, when the content came before',
      {},
      [version('v3', '09'), version('v2', '05'), version('v1', '01')],
      ['v2'],
    ],
    [
      'never a delete marker, should an event carry no ETag',
      { etag: undefined, time: new Date('2026-11-21T10:00:07Z') },
      [marker, version('v1', '05')],
      ['v1'],
    ],
    [
      'the one of the very instant of the event',
      { time: new Date('2026-11-21T10:00:05Z') },
      [version('v2', '05'), version('v1', '01')],
      ['v2'],
    ],
    [
      'all that were uploaded within the same second with the same content',
      {},
      [version('v2', '05'), version('v1', '05')],
      ['v2', 'v1'],
    ],
    [
      'the oldest after it, should events be stamped earlier than versions',
      {},
      [version('v2', '09'), version('v1', '07')],
      ['v1'],
    ],
    ['no version of another key', {}, [version('v1', '05', 'AA', 'k2')], []],
    ['none, when no version has its content', {}, [version('v1', '05', 'BB')], []],
    ['none of nothing', {}, [], []],
    [
      'by time alone without an ETag',
      { etag: undefined },
      [version('v2', '06', 'BB'), version('v1', '05', 'CC')],
      ['v1'],
    ],
  ];
  it.each(table)('is %s', (_name, part, versions, expected) => {
    expect(spokenOf(event(part), versions).map((found) => found.versionId)).toEqual(expected);
  });
});
