import { describe, expect, it } from 'vitest';
import { keepFailure } from '../../../shared/dead-letters/keep.ts';
import { keepFailureOnce } from '../../../shared/dead-letters/keep-once.ts';
import { letterAt } from '../../../shared/dead-letters/keys.ts';
import { eventTimeOf, letterText } from '../../../shared/dead-letters/letter.ts';
import { failure } from '../../../shared/platform/errors.ts';
import type { ObjectStore } from '../../../shared/storage/port.ts';
import { idOf, place } from '../../support/dead-letters.ts';

const failedAt = new Date('2026-11-21T10:00:00.123Z');
const rules = { deadLetters: place };

const eventOf = (bucket: string, key: string, time: string | undefined = '2026-11-21T09:00:00.000Z') => ({
  eventName: 'ObjectCreated:PutObject',
  eventTime: time,
  oss: { bucket: { name: bucket }, object: { key, eTag: 'AA', versionId: 'v' } },
});
const payloadOf = (...events: unknown[]) => JSON.stringify({ events });

const failedWith = (payload: string) => ({
  function: 'holdfast-object-created',
  requestId: 'one',
  failedAt,
  attempts: 3,
  condition: 'PermanentFailure',
  payload,
  error: { code: 'TAG_UNREADABLE', message: 'it cannot be read', remedy: 'correct it' },
});

/** A store that replies to a write as it is told, and says what stands at a key. */
function store(refusal?: Error, there: 'absent' | 'delete-marker' | 'data' = 'absent') {
  const written: string[] = [];
  const storage: Pick<ObjectStore, 'writeText' | 'headObject'> = {
    writeText({ bucket, key }, text) {
      if (refusal !== undefined) return Promise.reject(refusal);
      written.push(`${bucket}/${key} ${text}`);
      return Promise.resolve({ sent: true, requestId: 'R' });
    },
    headObject: () =>
      Promise.resolve(
        there === 'data'
          ? ({ etag: 'A' } as unknown as Awaited<ReturnType<ObjectStore['headObject']>>) // only that it is there counts
          : there,
      ),
  };
  return { storage, written };
}

describe('a failure is kept', () => {
  it('as one object, by the time and the id', async () => {
    const { storage, written } = store();
    const kept = await keepFailure(storage, rules, failedWith('{}'));
    const at = letterAt(place, idOf('one'), failedAt);
    expect(kept).toMatchObject({ action: 'kept', at, receipt: { sent: true, requestId: 'R' } });
    expect(written).toEqual([`${at.bucket}/${at.key} ${letterText(kept.letter)}`]);
    expect(JSON.parse(letterText(kept.letter))).toEqual({
      ...failedWith('{}'),
      version: 1,
      id: idOf('one'),
      failedAt: '2026-11-21T10:00:00.123Z',
    });
  });

  it('where it is already, and nobody can write over it', async () => {
    const { storage } = store(failure('IMMUTABLE', { operation: 'PutObject', target: 'oss://kept/x' }));
    const kept = await keepFailure(storage, rules, failedWith('{}'));
    expect(kept).toMatchObject({ action: 'kept', receipt: { sent: true } });
  });

  it.each([
    failure('NO_SUCH_BUCKET', { address: 'oss://kept', operation: 'PutObject' }),
    new TypeError('ours'),
  ])('unless it cannot be written: %s', async (refusal) => {
    const { storage } = store(refusal);
    await expect(keepFailure(storage, rules, failedWith('{}'))).rejects.toBe(refusal);
  });

  it('unless the rules name no place', async () => {
    const { storage, written } = store();
    await expect(keepFailure(storage, { deadLetters: undefined }, failedWith('{}'))).rejects.toMatchObject({
      code: 'DEAD_LETTERS_UNSET',
      message: expect.stringMatching(/holdfast-object-created.*one|one.*holdfast-object-created/),
    });
    expect(written).toEqual([]);
  });

  it('unless it is about dead letters alone', async () => {
    const { storage, written } = store();
    const own = eventOf('kept', 'failed/letters/x.json');
    expect(await keepFailure(storage, rules, failedWith(payloadOf(own, own)))).toMatchObject({
      action: 'own',
      letter: { id: idOf('one') },
      error: {
        code: 'DEAD_LETTER_OWN',
        message: expect.stringContaining('TAG_UNREADABLE: it cannot be read'),
      },
    });
    expect(written).toEqual([]);
    for (const other of [eventOf('records', 'failed/x'), eventOf('kept', 'x')]) {
      expect(await keepFailure(storage, rules, failedWith(payloadOf(own, other)))).toMatchObject({
        action: 'kept',
      });
    }
  });
});

describe('all attempts at one event are kept in one letter', () => {
  const payload = payloadOf(
    eventOf('b', 'k', '2026-11-21T09:30:00.000Z'),
    eventOf('b', 'l', '2026-11-21T09:00:00.000Z'),
    eventOf('b', 'm', '2026-11-21T09:45:00.000Z'),
  );
  const keyed = letterAt(place, idOf('one'), new Date('2026-11-21T09:00:00Z'));

  it('by the time of the earliest event', async () => {
    const { storage, written } = store();
    expect(await keepFailureOnce(storage, rules, failedWith(payload))).toMatchObject({ at: keyed });
    expect(written).toHaveLength(1);
  });

  it('which stays as it is when it is there, and is written anew under a delete marker', async () => {
    const there = store(undefined, 'data');
    expect(await keepFailureOnce(there.storage, rules, failedWith(payload))).toMatchObject({
      action: 'kept',
      at: keyed,
      receipt: { sent: true },
    });
    expect(there.written).toEqual([]);
    const deleted = store(undefined, 'delete-marker');
    await keepFailureOnce(deleted.storage, rules, failedWith(payload));
    expect(deleted.written).toHaveLength(1);
  });

  it('by the time of the failure where the event tells none', async () => {
    const { storage } = store();
    expect(eventTimeOf('{}')).toBeUndefined();
    expect(eventTimeOf(payloadOf({ ...eventOf('b', 'k'), eventTime: 'never' }))).toBeUndefined();
    expect(await keepFailureOnce(storage, rules, failedWith('{}'))).toMatchObject({
      at: letterAt(place, idOf('one'), failedAt),
    });
  });
});
