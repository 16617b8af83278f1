import { describe, expect, it } from 'vitest';
import { mattersSettleMs, mostMattersAgeMs } from '../../../shared/matters/age.ts';
import { createCurrentMatters } from '../../../shared/matters/current.ts';
import { parseMatterRecord } from '../../../shared/matters/record.ts';
import { failure } from '../../../shared/platform/errors.ts';
import type { ListedVersion, Listing } from '../../../shared/storage/port.ts';

function world() {
  let now = 1_000_000;
  let lists = 0;
  let failing = false;
  const page = { items: [], next: undefined };
  const none: Listing<ListedVersion> = {
    first: () => Promise.resolve(page),
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (failing) {
          return Promise.reject(
            failure('NO_SUCH_BUCKET', { operation: 'ListObjectVersions', address: 'oss://evidence' }),
          );
        }
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const storage = {
    cloud: 'oss' as const,
    listVersions: () => {
      lists += 1;
      return none;
    },
    readText: () => Promise.resolve('unchanged' as const),
  };
  const current = createCurrentMatters({ now: () => new Date(now) });
  const ask = (bucket = 'evidence') =>
    current.current({
      storage,
      folder: { bucket, prefix: 'audit/' },
      load: () => Promise.resolve(parseMatterRecord),
    });
  return {
    ask,
    lists: () => lists,
    wait: (ms: number) => {
      now += ms;
    },
    fail: (is: boolean) => {
      failing = is;
    },
  };
}

describe('matters of an instance', () => {
  it('are read again when they are older than a command waits, or when the clock was set back', async () => {
    const { ask, lists, wait } = world();
    await Promise.all([ask(), ask()]);
    wait(mostMattersAgeMs);
    await ask();
    expect(lists()).toBe(1);
    wait(1);
    await ask();
    expect(lists()).toBe(2);
    wait(-1);
    await ask();
    expect(lists()).toBe(3);
    expect([mostMattersAgeMs, mattersSettleMs]).toEqual([2000, 3000]);
  });

  it('are read again after a failure, and for another folder', async () => {
    const { ask, lists, fail } = world();
    fail(true);
    await expect(Promise.all([ask(), ask()])).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' });
    fail(false);
    expect(await ask()).toEqual({ all: [], unreadable: [] });
    await ask('other');
    expect(lists()).toBe(3);
  });
});
