import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Version } from '../../../../local/oss/state.ts';
import type { Store } from '../../../../local/oss/store/store.ts';
import { openedStore, storeKinds } from '../../../support/opened-store.ts';
import { readAll, receiveBody, time, versionOf } from '../../../support/store.ts';

const large = 'large '.repeat(50_000);
const marker: Version = { kind: 'delete marker', versionId: 'm', lastModified: time };

/** Puts a version with these bytes on top of those of `a`. */
const add = (store: Store, versionId: string, bytes: string) =>
  receiveBody(store, bytes, (content) => store.addVersion('records', 'a', versionOf(versionId, content)));
const versionsOf = (store: Store, key: string) => store.versions('records', key);
const idsOf = (store: Store, key: string) => versionsOf(store, key).map(({ versionId }) => versionId);
const bytesOf = (store: Store) =>
  Promise.all(versionsOf(store, 'a').map((each) => (each.kind === 'object' ? readAll(each.content) : '')));

describe.each(storeKinds)('one version in the %s store', (kind) => {
  test('comes on top of the others, and its file goes only with it', async () => {
    const { store, files } = await openedStore(kind);
    expect(await add(store, 'old', 'small')).toBeUndefined();
    expect((await add(store, 'new', large))?.versionId).toBe('old');
    expect(store.addVersion('records', 'b', marker)).toBeUndefined();
    expect(store.addVersion('nowhere', 'a', marker)).toBeUndefined();
    expect([idsOf(store, 'a'), idsOf(store, 'b'), store.versions('nowhere', 'a')]).toEqual([
      ['new', 'old'],
      ['m'],
      [],
    ]);
    expect(store.nextKey('records', 'a', false)).toBe('b');
    await receiveBody(store, large, () => undefined); // nobody names it, so it goes
    await expect.poll(() => files().length).toBe(1);
    expect((await bytesOf(store)).join() === `${large},small`).toBe(true);
    store.saveVersions('records', 'a', versionsOf(store, 'a').slice(1));
    await nextTurn();
    expect([files(), await bytesOf(store)]).toEqual([[], ['small']]);
  });

  test('changes in its place, and the file that it no longer names goes', async () => {
    const { store, files } = await openedStore(kind);
    await add(store, 'old', 'oldest');
    await add(store, 'changed', large);
    await add(store, 'new', 'newest');
    const [, changed] = versionsOf(store, 'a');
    if (changed?.kind !== 'object') expect.fail();
    store.replaceVersion('records', 'a', { ...changed, legalHold: 'ON' });
    await receiveBody(store, large, () => undefined); // nobody names it, so it goes
    await expect.poll(() => files().length).toBe(1);
    expect((await bytesOf(store)).join() === `newest,${large},oldest`).toBe(true);
    expect(versionsOf(store, 'a').map((each) => 'legalHold' in each && each.legalHold)).toEqual([
      false,
      'ON',
      false,
    ]);
    await receiveBody(store, 'short', (content) =>
      store.replaceVersion('records', 'a', { ...changed, content }),
    );
    await nextTurn();
    expect([files(), await bytesOf(store)]).toEqual([[], ['newest', 'short', 'oldest']]);
  });

  test('that is not there is not put in any place', async () => {
    const { store } = await openedStore(kind);
    await add(store, 'old', 'small');
    for (const [bucket, key] of [
      ['records', 'a'],
      ['records', 'b'],
      ['nowhere', 'a'],
    ] as const) {
      store.replaceVersion(bucket, key, marker);
    }
    expect([idsOf(store, 'a'), idsOf(store, 'b'), store.versions('nowhere', 'a')]).toEqual([['old'], [], []]);
    expect(store.nextKey('records', 'a', false)).toBeUndefined();
  });
});
