import { describe, expect, it } from 'vitest';
import { type ObservedShard, observedAhead } from '../../../shared/backfill/ahead.ts';
import type { ObjectOutcome } from '../../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { type Clock, systemClock } from '../../../shared/platform/clock.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';

const outcome = (key: string): ObjectOutcome => ({
  bucket: 'records',
  key,
  versionId: undefined,
  decision: { action: 'no-rule' },
  errors: [],
});

const pending = (key: string): ObservedVersion => ({
  bucket: 'records',
  key,
  versionId: versionId('V'),
  lastModified: new Date(0),
  type: 'Normal',
  tags: new Map(),
  retention: undefined,
});

/** A shard of two versions, the second of which is to be written. */
const shard = (number: number): ObservedShard => ({
  observed: {
    end: String(number),
    rows: 2,
    decidedAt: new Date(number * 1000),
    items: [{ action: `${number}-first` }, { pending: pending(`${number}-second`), unseen: 'list' }],
    judged: [undefined, outcome(`${number}-second`)],
  },
  done: number / 10,
});

/** Lets everything go on that waits for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A source of so many shards, which fails or ends after them. */
function source(count: number, error?: Error) {
  let asked = 0;
  const next = (): Promise<ObservedShard | undefined> => {
    asked += 1;
    if (asked <= count) return Promise.resolve(shard(asked));
    return error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
  };
  return { next, asked: () => asked };
}

/** Carries out what is given; each shard takes so long. @returns where the shards end */
async function carryOut(next: ReturnType<typeof source>['next'], clock: Clock, ms: number) {
  const ends: string[] = [];
  const given: ObservedShard[] = [];
  let error: unknown;
  try {
    for await (const one of observedAhead(next, clock)) {
      given.push(one);
      ends.push(one.observed.end);
      await settled();
      await clock.sleep(ms);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { ends, given, error };
}

describe('shards that are observed ahead', () => {
  it('are given as one of up to four while one takes less than a second', async () => {
    const { ends, given } = await carryOut(source(12).next, manualClock(new Date(0)), 999);
    expect(ends).toEqual(['1', '2', '6', '10', '12']);
    expect(given[2]).toEqual({
      observed: {
        end: '6',
        rows: 8,
        decidedAt: new Date(6000),
        items: [3, 4, 5, 6].flatMap((number) => shard(number).observed.items),
        judged: [3, 4, 5, 6].flatMap((number) => shard(number).observed.judged ?? []),
      },
      done: 0.6,
    });
  });

  it('are given one by one, and only one of them is observed ahead, where one takes longer', async () => {
    const { next, asked } = source(9);
    const { ends } = await carryOut(next, manualClock(new Date(0)), 1000);
    expect(ends).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const slow = source(9);
    const clock = manualClock(new Date(0));
    for await (const { observed } of observedAhead(slow.next, clock)) {
      await settled();
      await clock.sleep(1000);
      if (observed.end === '4') break;
    }
    expect([asked(), slow.asked()]).toEqual([10, 5]);
  });

  it('are given one by one where nothing is to be written', async () => {
    const idle = source(9);
    const next = async () => {
      const one = await idle.next();
      return one && { ...one, observed: { ...one.observed, items: [{ action: 'no-rule' }] } };
    };
    const { ends } = await carryOut(next, manualClock(new Date(0)), 1);
    expect(ends).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('fail in their turn, after those before', async () => {
    const error = new Error('no list');
    const quick = await carryOut(source(3, error).next, manualClock(new Date(0)), 1);
    expect([quick.ends, quick.error]).toEqual([['1', '2', '3'], error]);
    const slow = await carryOut(source(3, error).next, manualClock(new Date(0)), 2000);
    expect([slow.ends, slow.error]).toEqual([['1', '2', '3'], error]);
  });

  it('are not observed any more when nobody takes them', async () => {
    const { next, asked } = source(100);
    for await (const _ of observedAhead(next, systemClock)) break;
    await settled();
    expect(asked()).toBeLessThanOrEqual(2);
  });

  it('are none where the source has none', async () => {
    expect(await carryOut(source(0).next, systemClock, 0)).toMatchObject({ ends: [], error: undefined });
  });
});
