import { describe, expect, test } from 'vitest';
import { type ApplyOptions, applyChange } from '../../../shared/buckets/apply.ts';
import type { BucketChange } from '../../../shared/buckets/types.ts';
import { failure, HoldfastError } from '../../../shared/platform/errors.ts';
import { policiesOf } from '../../../shared/storage/policies.ts';
import { type BucketPolicy, wormId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type PolicyCall, type PolicyStore, policyStore } from '../../support/policy-store.ts';

// A change is done when the policy shows it, whatever the call said; and it touches no policy but the one decided about.

const bucket = 'b';
const target = 'oss://b';
const start = new Date('2026-11-21T10:00:00Z');
const deadline = new Date('2026-11-22T09:00:00Z');
const [A, B] = [wormId('A'), wormId('B')];

const policy = (part: Partial<BucketPolicy> = {}): BucketPolicy => ({
  id: A,
  state: 'InProgress',
  days: 365,
  createdAt: new Date('2026-11-20T09:00:00Z'),
  ...part,
});
const locked = policy({ state: 'Locked' });

const changes = {
  lock: { action: 'lock', id: A, days: 365, deadline, reason: '' },
  extend: { action: 'extend', id: A, fromDays: 365, days: 400, reason: '' },
  abort: { action: 'abort', id: A, state: 'InProgress', reason: '' },
  initiate: { action: 'initiate', days: 365, reason: '' },
  renew: { action: 'renew', id: A, state: 'Expired', days: 365, reason: '' },
} as const satisfies Record<BucketChange['action'], BucketChange>;

const before: Record<keyof typeof changes, BucketPolicy | undefined> = {
  lock: policy(),
  extend: locked,
  abort: policy(),
  initiate: undefined,
  renew: policy({ state: 'Expired' }),
};

function world(seen: BucketPolicy | undefined) {
  const store = policyStore();
  if (seen) store.policies.set(bucket, seen);
  const clock = manualClock(start);
  const apply = (change: BucketChange, options?: ApplyOptions) =>
    applyChange(store.storage, clock, bucket, change, options);
  return { store, clock, apply };
}

const lost = () => failure('UNREACHABLE', { operation: 'a call', target, endpoint: 'e', reason: 'reset' });
const throttled = () => failure('THROTTLED', { operation: 'a call', target, code: 'QpsLimitExceeded' });
const denied = () => failure('ACCESS_DENIED', { operation: 'a call', target, action: 'oss:X' });

const codeOf = (error: Error) => (error instanceof HoldfastError ? error.code : undefined);

/** Fails the named calls, the first times only where it is said. */
function failing(call: PolicyCall, error: () => Error, times = Number.POSITIVE_INFINITY) {
  let left = times;
  return (name: PolicyCall): void => {
    if (name !== call || left <= 0) return;
    left -= 1;
    throw error();
  };
}

const count = (store: PolicyStore, call: PolicyCall) =>
  store.calls.filter((one) => one.startsWith(`${call} `)).length;

const writeOf = {
  lock: 'lockPolicy',
  extend: 'extendPolicy',
  abort: 'abortPolicy',
  initiate: 'initiatePolicy',
  renew: 'initiatePolicy',
} as const;
/** What a policy is in words, when a change had no effect on it. */
const shownAs = {
  lock: 'policy A, InProgress, 365 days',
  extend: 'policy A, Locked, 365 days',
  abort: 'policy A, InProgress, 365 days',
  initiate: 'without policy',
  renew: 'policy A, Expired, 365 days',
} as const;
const names = ['lock', 'extend', 'abort', 'initiate', 'renew'] as const;

describe.each(names)('%s', (name) => {
  const change = changes[name];

  test('is done when the policy shows it', async () => {
    const { store, apply } = world(before[name]);
    const { sent, requestId, policy: shown, note } = await apply(change);
    expect({ sent, requestId, note }).toEqual({ sent: true, requestId: 'R1', note: undefined });
    expect(shown).toEqual(store.policies.get(bucket));
    expect(store.calls.at(-1)).toBe('getPolicy b');
  });

  test('is not done when it was accepted and the policy never shows it', async () => {
    const { store, clock, apply } = world(before[name]);
    store.after = (call) => {
      if (call !== writeOf[name]) return;
      // The service forgets it again: an accepted call without effect.
      if (before[name]) store.policies.set(bucket, before[name]);
      else store.policies.delete(bucket);
    };
    const operation = name === 'renew' ? 'initiate' : name;
    const unseen = {
      code: 'NOT_VERIFIED',
      message: `${operation} on oss://b was accepted, but reading it back shows ${shownAs[name]}`,
      transient: true,
    };
    const half = { code: 'RENEWAL_HALF_DONE', transient: true, cause: unseen };
    await expect(apply(change)).rejects.toMatchObject(name === 'renew' ? half : unseen);
    expect(clock.sleeps.length, 'it was read several times').toBeGreaterThanOrEqual(4);
    expect(count(store, writeOf[name]), 'and sent once').toBe(1);
  });

  test('is done when the policy shows it a moment later', async () => {
    const { store, clock, apply } = world(before[name]);
    const show = (shown: BucketPolicy | undefined) =>
      shown ? store.policies.set(bucket, shown) : store.policies.delete(bucket);
    let written: BucketPolicy | undefined;
    let hidden = 0;
    store.after = (call) => {
      if (call === writeOf[name]) {
        written = store.policies.get(bucket);
        show(before[name]);
        hidden = 2;
      } else if (call === 'getPolicy' && hidden > 0) {
        hidden -= 1;
        if (hidden === 0) show(written);
      }
    };
    await expect(apply(change)).resolves.toMatchObject({ sent: true });
    expect(clock.sleeps).toEqual([400, 400]);
  });

  test('is done when only its reply was lost', async () => {
    const { store, apply } = world(before[name]);
    store.after = failing(writeOf[name], lost, 1);
    const { note } = await apply(change);
    expect(note).toMatch(/^the call failed, the policy is as wanted: /);
    expect(count(store, writeOf[name])).toBe(1);
  });

  test('fails by the error of the call when that did nothing', async () => {
    const { store, apply } = world(before[name]);
    store.before = failing(writeOf[name], denied);
    const half = { code: 'RENEWAL_HALF_DONE', cause: { code: 'ACCESS_DENIED' } };
    await expect(apply(change)).rejects.toMatchObject(name === 'renew' ? half : { code: 'ACCESS_DENIED' });
  });

  test('has an unknown outcome when neither the call nor reading back is answered', async () => {
    const { store, apply } = world(before[name]);
    let silent = false;
    store.after = (call) => {
      silent ||= call === writeOf[name];
      if (silent) throw lost();
    };
    const sent = `${name === 'renew' ? 'initiate' : name} on oss://b was sent, and nobody knows`;
    const unknown = {
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringMatching(new RegExp(`^${sent} .*UNREACHABLE`)),
      cause: { code: 'UNREACHABLE' },
    };
    const expected = name === 'renew' ? { code: 'RENEWAL_HALF_DONE', cause: unknown } : unknown;
    await expect(apply(change)).rejects.toMatchObject(expected);
  });

  test.each([
    ['refused for good', denied],
    ['throttled, and so not begun', throttled],
    ['met by a fault of our own', () => new TypeError('ours')],
  ])('fails by the error of a call that was %s, also when the policy cannot be read', async (_, error) => {
    const { store, apply } = world(before[name]);
    let isSent = false;
    store.before = (call) => {
      if (isSent) throw lost();
      isSent = call === writeOf[name];
      if (isSent) throw error();
    };
    const expected = error();
    const cause =
      expected instanceof TypeError ? expected : expect.objectContaining({ code: codeOf(expected) });
    const failed = apply(change).catch((caught: unknown) => caught);
    if (name === 'renew') expect(await failed).toMatchObject({ code: 'RENEWAL_HALF_DONE', cause });
    else expect(await failed).toEqual(cause);
  });

  test('has an unknown outcome when it was accepted and cannot be read back', async () => {
    const { store, apply } = world(before[name]);
    let isSent = false;
    store.before = (call) => {
      if (isSent) throw denied();
      isSent = call === writeOf[name];
    };
    const unknown = { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('it was accepted') };
    const expected = name === 'renew' ? { code: 'RENEWAL_HALF_DONE', cause: unknown } : unknown;
    await expect(apply(change)).rejects.toMatchObject(expected);
  });

  test('is kept back by a dry run, and nothing is read back then', async () => {
    const { store, apply } = world(before[name]);
    const kept = () => Promise.resolve({ sent: false, requestId: undefined });
    Object.assign(policiesOf(store.storage, bucket), {
      lockPolicy: kept,
      extendPolicy: kept,
      abortPolicy: kept,
      initiatePolicy: kept,
    });
    expect(await apply(change)).toEqual({ sent: false, requestId: undefined, policy: undefined });
    expect(store.policies.get(bucket)).toEqual(before[name]);
  });

  test('is not begun when its time is over', async () => {
    const { store, apply } = world(before[name]);
    await expect(apply(change, { until: start })).rejects.toMatchObject({
      code: 'TIME_RAN_OUT',
      message: expect.stringContaining('before bucket b was served'),
    });
    expect(store.calls.filter((call) => !call.startsWith('getPolicy'))).toEqual([]);
  });

  test('says when it is sent', async () => {
    const { store, apply } = world(before[name]);
    const sends: string[][] = [];
    await apply(change, { onSend: () => sends.push([...store.calls]) });
    expect(sends[0]?.filter((call) => !call.startsWith('getPolicy'))).toEqual([]);
    expect(sends).toHaveLength(name === 'renew' ? 2 : 1);
  });
});

describe('a call that was not answered and did nothing', () => {
  test.each(['lock', 'extend'] as const)('%s is sent three times, since the id fences it', async (name) => {
    const { store, clock, apply } = world(before[name]);
    let sends = 0;
    store.before = (call) => {
      if (call !== writeOf[name]) return;
      sends += 1;
      throw lost();
    };
    await expect(apply(changes[name])).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(sends).toBe(3);
    expect(clock.sleeps).toEqual([400, 400]);
    sends = 0;
    store.before = failing(writeOf[name], lost, 2);
    await expect(apply(changes[name])).resolves.toMatchObject({ sent: true });
  });

  test.each(['lock', 'extend'] as const)('%s is not sent again when the time is over', async (name) => {
    const { store, clock, apply } = world(before[name]);
    let sends = 0;
    store.before = (call) => {
      if (call !== writeOf[name]) return;
      sends += 1;
      throw lost();
    };
    const until = new Date(start.getTime() + 400);
    await expect(apply(changes[name], { until })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(sends).toBe(1);
    expect(clock.sleeps).toEqual([]);
  });

  test.each(['initiate', 'abort', 'renew'] as const)('%s is not sent again', async (name) => {
    const { store, apply } = world(before[name]);
    let sends = 0;
    store.before = (call) => {
      if (call !== writeOf[name]) return;
      sends += 1;
      throw lost();
    };
    await expect(apply(changes[name])).rejects.toMatchObject({ transient: true });
    expect(sends).toBe(1);
  });

  test('nothing is sent again that was refused for good', async () => {
    const { store, apply } = world(before.lock);
    let sends = 0;
    store.before = (call) => {
      if (call !== 'lockPolicy') return;
      sends += 1;
      throw denied();
    };
    await expect(apply(changes.lock)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(sends).toBe(1);
  });
});

describe('lock and extend count as done for their own policy alone', () => {
  test.each(['lock', 'extend'] as const)('%s', async (name) => {
    const { store, apply } = world(before[name]);
    store.before = (call) => {
      if (call !== writeOf[name]) return;
      store.policies.set(bucket, { ...locked, id: B, days: 400 });
      throw lost();
    };
    await expect(apply(changes[name])).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('an extension is not done by fewer days', async () => {
    const { store, apply } = world(locked);
    store.after = (call) => {
      if (call === 'extendPolicy') store.policies.set(bucket, { ...locked, days: 399 });
    };
    await expect(apply(changes.extend)).rejects.toMatchObject({ code: 'NOT_VERIFIED' });
  });

  test.each([
    ['another days', { days: 364 }],
    ['another id than the reply named', { id: B }],
    ['locked', { state: 'Locked' }],
  ])('an initiated policy is not done by one with %s', async (_, part) => {
    const { store, apply } = world(undefined);
    store.after = (call) => {
      const made = store.policies.get(bucket);
      if (call === 'initiatePolicy' && made) store.policies.set(bucket, { ...made, ...part });
    };
    await expect(apply(changes.initiate)).rejects.toMatchObject({ code: 'NOT_VERIFIED' });
  });
});

// Between the look and the call a person aborted the wrong policy (A) and initiated the right one (B).

describe.each(['abort', 'renew'] as const)('%s while a person acts', (name) => {
  const change = changes[name];
  const right = policy({ id: B, days: 365 });

  test.each<[string, BucketPolicy | undefined]>([
    ['the policy is another one', right],
    ['the policy is gone', undefined],
    ['the policy is locked by now', locked],
    ['its state is another one', policy({ state: name === 'abort' ? 'Expired' : 'InProgress' })],
  ])('nothing is sent when %s', async (_, found) => {
    const { store, apply } = world(found);
    await expect(apply(change)).rejects.toMatchObject({
      code: 'CHANGED_MEANWHILE',
      message: expect.stringContaining('it was policy A'),
    });
    expect(store.calls).toEqual(['getPolicy b']);
    expect(store.policies.get(bucket)).toEqual(found);
  });

  test('the policy is read again before a repetition too', async () => {
    const { store, apply } = world(before[name]);
    store.before = (call) => {
      if (call !== 'abortPolicy') return;
      store.policies.set(bucket, right);
      throw throttled();
    };
    await expect(apply(change)).rejects.toMatchObject({ code: 'CHANGED_MEANWHILE' });
    expect(store.policies.get(bucket)).toEqual(right);
    expect(count(store, 'abortPolicy')).toBe(0);
  });

  test('a throttled abort is sent again after a pause', async () => {
    const { store, clock, apply } = world(before[name]);
    store.before = failing('abortPolicy', throttled, 2);
    await expect(apply(change)).resolves.toMatchObject({ sent: true });
    expect(clock.sleeps).toEqual([400, 400]);
    expect(store.calls.filter((call) => call !== 'initiatePolicy b')).toEqual(
      ['getPolicy b', 'getPolicy b', 'getPolicy b', 'getPolicy b', 'getPolicy b', 'abortPolicy b'].concat(
        name === 'abort' ? ['getPolicy b'] : ['getPolicy b', 'getPolicy b'],
      ),
    );
  });

  test('a policy that is there after a call without answer is not taken for the success of ours', async () => {
    const { store, apply } = world(before[name]);
    store.before = (call) => {
      if (call !== 'abortPolicy') return;
      store.policies.set(bucket, right);
      throw lost();
    };
    await expect(apply(change)).rejects.toMatchObject({ code: 'CHANGED_MEANWHILE' });
    expect(store.policies.get(bucket)).toEqual(right);
  });

  test('a policy that somebody begins right after the abort is named', async () => {
    const { store, apply } = world(before[name]);
    store.after = (call) => {
      if (call === 'abortPolicy') store.policies.set(bucket, right);
    };
    if (name === 'abort') {
      await expect(apply(change)).resolves.toMatchObject({
        policy: right,
        note: 'policy A is gone, and somebody has begun another one: policy B, InProgress, 365 days',
      });
    } else {
      await expect(apply(change)).rejects.toMatchObject({ code: 'CHANGED_MEANWHILE' });
    }
    expect(store.policies.get(bucket)).toEqual(right);
  });

  test('what cannot be read again is not aborted', async () => {
    const { store, apply } = world(before[name]);
    store.before = failing('getPolicy', lost, 1);
    await expect(apply(change)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(store.policies.get(bucket)).toEqual(before[name]);
  });
});

test('a renewal that ends after the abort says so, and what to do', async () => {
  const { store, apply } = world(before.renew);
  store.before = failing('initiatePolicy', denied);
  await expect(apply(changes.renew)).rejects.toMatchObject({
    code: 'RENEWAL_HALF_DONE',
    transient: true,
    message:
      'the lapsed policy of oss://b was aborted, and no new one was initiated: ACCESS_DENIED: a call on oss://b is not allowed',
    remedy: expect.stringContaining('holdfast policy initiate oss://b --days 365'),
  });
  expect(store.policies.has(bucket)).toBe(false);
});

test('a renewal is not done by the policy that was there before', async () => {
  const { store, apply } = world(before.renew);
  store.after = (call) => {
    if (call !== 'initiatePolicy') return;
    store.policies.set(bucket, policy({ id: A }));
    throw lost();
  };
  await expect(apply(changes.renew)).rejects.toMatchObject({ code: 'RENEWAL_HALF_DONE' });
});
