import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyContent, joinContents, sliceContent } from '../../../../local/oss/content.ts';
import type { ObjectVersion, Version } from '../../../../local/oss/state.ts';
import { compareKeys } from '../../../../local/oss/store/key-index.ts';
import type { Store } from '../../../../local/oss/store/store.ts';
import { openedStore, storeKinds } from '../../../support/opened-store.ts';
import { bucketOf, partOf, readAll, receiveBody, time, uploadOf, versionOf } from '../../../support/store.ts';

const large = 'large '.repeat(50_000);
const marker: Version = { kind: 'delete marker', versionId: 'm', lastModified: time };

describe.each(storeKinds)('the %s store', (kind) => {
  const opened = () => openedStore(kind);
  const current = (store: Store, key: string) => store.versions('records', key)[0] as ObjectVersion; // the tests only look at objects
  const put = (store: Store, key: string, bytes: string) =>
    receiveBody(store, bytes, (content) => store.saveVersions('records', key, [versionOf('v', content)]));

  test('gives buckets back by name, and forgets removed ones', async () => {
    const { store } = await opened();
    store.saveBucket(bucketOf('a-first'));
    store.saveBucket({ ...bucketOf('records'), policy: { id: 'P', days: 7, createdAt: time, locked: true } });
    expect(store.buckets().map(({ name }) => name)).toEqual(['a-first', 'records']);
    expect(store.bucket('records')?.policy).toEqual({ id: 'P', days: 7, createdAt: time, locked: true });
    store.removeBucket('a-first');
    expect([store.bucket('a-first'), store.buckets().length]).toEqual([undefined, 1]);
  });

  test('has nothing under empty names', async () => {
    const { store } = await opened();
    expect([store.bucket(''), store.upload('', '')]).toEqual([undefined, undefined]);
    expect([store.versions('', ''), store.versions('records', ''), store.uploads('')]).toEqual([[], [], []]);
  });

  test('gives versions back as they were saved, with their bytes', async () => {
    const { store } = await opened();
    await receiveBody(store, 'hello', (content) =>
      store.saveVersions('records', 'ключ/\u{1F600}', [marker, versionOf('v', content)]),
    );
    const [first, second] = store.versions('records', 'ключ/\u{1F600}');
    expect(first).toEqual(marker);
    const { content, ...rest } = second as ObjectVersion;
    expect(rest).toEqual((({ content: _content, ...others }) => others)(versionOf('v', emptyContent)));
    expect(await readAll(content)).toBe('hello');
    expect(store.versions('records', 'other')).toEqual([]);
    expect(store.versions('nowhere', 'a')).toEqual([]);
  });

  test.each(['small', large])('reads any range of a body', async (bytes) => {
    const { store } = await opened();
    await put(store, 'a', bytes);
    const { content } = current(store, 'a');
    const ranges = [
      [0, bytes.length],
      [1, 3],
      [bytes.length - 2, bytes.length],
      [2, 2],
    ] as const;
    for (const [start, end] of ranges) {
      expect((await readAll(content, start, end)) === bytes.slice(start, end), `${start}-${end}`).toBe(true);
    }
  });

  test('joins and slices contents without copying them', async () => {
    const { store, files } = await opened();
    await put(store, 'a', large);
    await put(store, 'b', 'small');
    const before = files();
    const joined = joinContents([current(store, 'b').content, current(store, 'a').content]);
    const sliced = sliceContent(joined, 3, 15);
    store.saveVersions('records', 'c', [versionOf('c', sliced)]);
    expect(await readAll(current(store, 'c').content)).toBe(`small${large}`.slice(3, 15));
    expect(files()).toEqual(before);
  });

  test('walks the keys in the order of their UTF-8 bytes, from anywhere', async () => {
    const { store } = await opened();
    const key = fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 10 }), key, (keys, from) => {
        for (const each of keys) store.saveVersions('records', each, [marker]);
        const sorted = [...keys].sort(compareKeys);
        const next = sorted.find((each) => compareKeys(each, from) > 0);
        const at = sorted.find((each) => compareKeys(each, from) >= 0);
        expect([store.nextKey('records', from, false), store.nextKey('records', from, true)]).toEqual([
          next,
          at,
        ]);
        for (const each of keys) store.saveVersions('records', each, []);
        expect(store.nextKey('records', '', true)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test('does not run from one bucket into the next', async () => {
    const { store } = await opened();
    store.saveBucket(bucketOf('records-2'));
    store.saveVersions('records-2', 'x', [marker]);
    expect(store.nextKey('records', '', true)).toBeUndefined();
  });

  test('takes keys far longer than OSS allows for missing', async () => {
    const { store } = await opened();
    store.saveVersions('records', 'a', [marker]);
    const long = 'b'.repeat(10_000);
    expect([store.versions('records', long), store.nextKey('records', long, true)]).toEqual([[], undefined]);
    expect(store.nextKey('records', `A${long}`, true)).toBe('a');
  });

  test('adds parts to an upload one by one, and replaces them by number', async () => {
    const { store } = await opened();
    store.saveUpload(uploadOf('U'));
    for (const [number, bytes] of [
      [10_000, 'last'],
      [2, 'old'],
      [2, 'new'],
    ] as const) {
      await receiveBody(store, bytes, (content) => store.savePart('records', 'U', partOf(number, content)));
    }
    const upload = store.upload('records', 'U');
    const found = [...(upload?.parts.values() ?? [])].sort((a, b) => a.number - b.number);
    expect(await Promise.all(found.map(({ content }) => readAll(content)))).toEqual(['new', 'last']);
    expect(store.uploads('records').map(({ id }) => id)).toEqual(['U']);
    store.removeUpload('records', 'U');
    expect([store.upload('records', 'U'), store.uploads('records')]).toEqual([undefined, []]);
  });

  test('frees a file when the last version that names it is gone, not before', async () => {
    const { store, files } = await opened();
    await put(store, 'a', large);
    store.saveVersions('records', 'copy', [versionOf('c', current(store, 'a').content)]);
    store.saveVersions('records', 'a', []);
    await nextTurn();
    expect(files()).toHaveLength(1);
    expect((await readAll(current(store, 'copy').content)) === large).toBe(true);
    store.saveVersions('records', 'copy', []);
    await nextTurn();
    expect(files()).toEqual([]);
  });

  test('frees the files of an upload that is aborted, and keeps those of one that is completed', async () => {
    const { store, files } = await opened();
    for (const id of ['aborted', 'completed']) {
      store.saveUpload(uploadOf(id));
      await receiveBody(store, large, (content) => store.savePart('records', id, partOf(1, content)));
    }
    const part = store.upload('records', 'completed')?.parts.get(1);
    store.atomically(() => {
      store.saveVersions('records', 'a', [versionOf('v', part?.content ?? emptyContent)]);
      store.removeUpload('records', 'completed');
    });
    store.removeUpload('records', 'aborted');
    await nextTurn();
    expect(files()).toHaveLength(1);
    expect((await readAll(current(store, 'a').content)) === large).toBe(true);
  });

  test('a body that nothing was made of goes with its lease', async () => {
    const { store, files } = await opened();
    const lease = store.lease();
    const taking = lease.receive();
    await taking.write(Buffer.from(large));
    expect(files()).toHaveLength(1);
    lease.end();
    await expect.poll(files).toEqual([]);
  });

  test.each(['small', large])('a reader reads on when the version is deleted meanwhile', async (bytes) => {
    const { store, files } = await opened();
    await put(store, 'a', bytes);
    const { content } = current(store, 'a');
    const lease = store.lease();
    lease.keep(content);
    store.saveVersions('records', 'a', []);
    await nextTurn();
    expect((await readAll(content)) === bytes).toBe(true);
    lease.end();
    await nextTurn();
    expect(files()).toEqual([]);
  });

  test('remembers how far time was moved', async () => {
    const { store } = await opened();
    expect(store.clockOffset()).toBeUndefined();
    store.saveClockOffset(-5.5);
    expect(store.clockOffset()).toBe(-5.5);
  });
});
