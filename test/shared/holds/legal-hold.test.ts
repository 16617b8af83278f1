import { expect, it } from 'vitest';
import { holdQuestion } from '../../../shared/holds/legal-hold.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { type LegalHolds, versionId } from '../../../shared/storage/port.ts';

const at = { bucket: 'fin', key: 'a', versionId: versionId('v1') };
const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://fin', detail: 'InvalidRequest' });
const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://fin', action: 'oss:x' });
const gone = failure('NO_SUCH_OBJECT', { operation: 'x', target: 'oss://fin/a', code: 'NoSuchKey' });

/** Asks about some versions of a bucket, one after the other; tells the states, and what was sent. */
async function ask(
  getHold: (call: number) => Promise<boolean>,
  getObjectWorm: () => Promise<object | undefined>,
  times = 1,
) {
  const sent: string[] = [];
  const holds: LegalHolds = {
    getHold() {
      sent.push('hold');
      return getHold(sent.filter((each) => each === 'hold').length);
    },
    putHold: () => Promise.reject(new Error('nobody writes here')),
  };
  const question = holdQuestion({
    holds,
    getObjectWorm() {
      sent.push('worm');
      return getObjectWorm();
    },
  });
  const states: string[] = [];
  for (let count = 0; count < times; count += 1) states.push(await question(at));
  return { states, sent };
}

it('a hold is on or off as the service says', async () => {
  expect(
    (
      await ask(
        async () => true,
        async () => ({}),
      )
    ).states,
  ).toEqual(['on']);
  expect(
    (
      await ask(
        async () => false,
        async () => ({}),
      )
    ).states,
  ).toEqual(['off']);
});

it('a service without the calls has none', async () => {
  const question = holdQuestion({ holds: undefined, getObjectWorm: async () => ({}) });
  expect(await question(at)).toBe('off');
});

it('a refusal is no proof where the bucket has ObjectWorm: later versions are asked for all the same', async () => {
  const oddOnce = (call: number) => (call === 1 ? Promise.reject(notOffered) : Promise.resolve(true));
  expect(await ask(oddOnce, async () => ({}), 2)).toEqual({
    states: ['unknown', 'on'],
    sent: ['hold', 'worm', 'hold'],
  });
  const refused = () => Promise.reject(notOffered);
  expect((await ask(refused, () => Promise.reject(denied))).states).toEqual(['unknown']);
});

it('a bucket that refuses and has no ObjectWorm has none, and is asked once', async () => {
  const refused = () => Promise.reject(notOffered);
  expect(await ask(refused, async () => undefined, 3)).toEqual({
    states: ['off', 'off', 'off'],
    sent: ['hold', 'worm'],
  });
});

it('what is gone is said, and anything else is thrown', async () => {
  expect(
    (
      await ask(
        () => Promise.reject(gone),
        async () => ({}),
      )
    ).states,
  ).toEqual(['gone']);
  await expect(
    ask(
      () => Promise.reject(denied),
      async () => ({}),
    ),
  ).rejects.toBe(denied);
  const broken = failure('NO_SUCH_BUCKET', { operation: 'x', address: 'oss://fin' });
  await expect(
    ask(
      () => Promise.reject(notOffered),
      () => Promise.reject(broken),
    ),
  ).rejects.toBe(broken);
});
