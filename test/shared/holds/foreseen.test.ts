import { expect, it } from 'vitest';
import { foreseeing } from '../../../shared/holds/foreseen.ts';
import { failure } from '../../../shared/platform/errors.ts';
import type { ObjectStore } from '../../../shared/storage/port.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { storedVersions } from '../../support/stored-versions.ts';

const at = { bucket: 'b', key: 'a', versionId: versionId('v') };
const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://b', detail: 'InvalidRequest' });
const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://b', action: 'oss:x' });
const gone = failure('NO_SUCH_OBJECT', { operation: 'x', target: 'oss://b/a', code: 'NoSuchKey' });
const busy = failure('UNREACHABLE', { operation: 'x', target: 'oss://b', endpoint: 'e', reason: 'reset' });

type Answer<Value> = Value | Error;
const reply = <Value>(answer: Answer<Value> | undefined): Promise<Value> =>
  answer instanceof Error || answer === undefined
    ? Promise.reject(answer ?? new Error('asked again'))
    : Promise.resolve(answer);

/** A dry run that puts holds and retention, over a bucket with these answers, one for each question. */
function dryRun(answers: readonly Answer<boolean>[], worm: readonly Answer<'on' | 'off'>[] = []) {
  let [asked, looked] = [0, 0];
  const receipt = Promise.resolve({ sent: false, requestId: undefined });
  const storage: ObjectStore = {
    ...storedVersions([], { lastModified: new Date(0) }).storage,
    putRetention: () => receipt,
    writeText: () => Promise.reject(new Error('nobody writes')),
    putObjectWorm: () => receipt,
    getObjectWorm: () => reply(worm[looked++]).then((state) => (state === 'on' ? {} : undefined)),
    holds: { getHold: () => reply(answers[asked++]), putHold: () => receipt },
  };
  return foreseeing(storage);
}

const put = async ({ holds }: ObjectStore, bucket = 'b') => await holds?.putHold({ ...at, bucket }, 'ON');
const retain = (store: ObjectStore, bucket = 'b') =>
  store.putRetention({ ...at, bucket }, { mode: 'COMPLIANCE', until: new Date(0) });
const sent = { sent: false };

it.each([
  ['off', false],
  ['on', true],
  ['denied', denied],
])('a bucket whose first hold is %s takes holds, and is asked once', async (_what, answer) => {
  const store = dryRun([answer]);
  expect([await put(store), await put(store)]).toMatchObject([sent, sent]);
});

it('a bucket that tells of no hold takes none', async () => {
  const store = dryRun([notOffered]);
  for (let time = 0; time < 2; time += 1) await expect(put(store)).rejects.toBe(notOffered);
});

it.each([
  ['gone', gone],
  ['busy', busy],
])('a version that is %s tells nothing of the others', async (_what, error) => {
  const store = dryRun([error, notOffered]);
  await expect(put(store)).rejects.toBe(error);
  await expect(put(store)).rejects.toBe(notOffered);
});

it('a bucket without ObjectWorm takes no retention, and one that nobody may ask counts as one that does', async () => {
  const off = dryRun([], ['off']);
  for (let time = 0; time < 2; time += 1)
    await expect(retain(off)).rejects.toMatchObject({
      code: 'OBJECT_WORM_OFF',
      message: 'oss://b/a?versionId=v takes no retention: object lock is not enabled on bucket b',
    });
  for (const worm of ['on', denied] as const) {
    const store = dryRun([], [worm]);
    expect([await retain(store), await retain(store)]).toMatchObject([sent, sent]);
  }
  await expect(retain(dryRun([], [busy]))).rejects.toBe(busy);
});

it('what a bucket takes says nothing of another bucket', async () => {
  const store = dryRun([false, notOffered], ['on', 'off']);
  expect(await put(store)).toMatchObject(sent);
  await expect(put(store, 'c')).rejects.toBe(notOffered);
  expect(await retain(store)).toMatchObject(sent);
  await expect(retain(store, 'c')).rejects.toMatchObject({ code: 'OBJECT_WORM_OFF' });
});

it('a hold is read as it is, and a service without holds stays without', async () => {
  const store = dryRun([true, false]);
  expect([await store.holds?.getHold(at), await store.holds?.getHold(at)]).toEqual([true, false]);
  expect(foreseeing({ ...store, holds: undefined }).holds).toBeUndefined();
});
