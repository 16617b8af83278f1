import { expect } from 'vitest';
import { heldPolicy, plainClient } from '../../local/plain-client.ts';
import { day, formatInstant, hour } from '../../shared/platform/instant.ts';
import { policyTimer } from '../support/holdfast-cloud.ts';
import { alive, look, type Model, pick } from './model.ts';
import { type Command, command } from './objects.ts';
import type { PolicyBucket, World } from './world.ts';

/** Days that a person initiates a policy with: some that the rule accepts, and some that it does not. */
const initiated = [
  ['accepted', 30],
  ['accepted', 45],
  ['accepted', 7],
  ['accepted', 61],
  ['strict', 40],
  ['strict', 41],
  ['watched', 30],
] as const satisfies readonly (readonly [PolicyBucket, number])[];

const isAccepted = (bucket: PolicyBucket, days: number): boolean =>
  (bucket === 'accepted' && days >= 30 && days <= 60) || (bucket === 'strict' && days === 40);

export const initiate = (drawn: number): Command => {
  const [bucket, days] = pick(initiated, drawn);
  return command(
    `initiate ${bucket} ${days}`,
    async (model, { cloud }) => {
      await plainClient(cloud.url, bucket).initiateBucketWorm(bucket, String(days));
      model.policies.set(bucket, { days, createdAt: cloud.time.now() });
    },
    (model) => !model.policies.has(bucket),
  );
};

/** Time passes in jumps of an hour, after each of which the timer runs once, late. */
export const pass = (hours: number): Command =>
  command(`${hours} h pass`, async (model, world) => {
    for (let passed = 0; passed < hours; passed += 1) {
      world.cloud.oss.requests.clear();
      await world.cloud.time.leap(hour);
      await world.cloud.idle();
      model.hours += 1;
      for (const [bucket, policy] of model.policies) await checkInitiated(world, bucket, policy);
      await checkOwn(model, world);
    }
    for (const version of alive(model)) await look(world, version);
  });

/** The service fails the timer's next two calls, once a run: more could cost a policy its 24 hours. */
export const breakTimer = (skip: number): Command =>
  command(
    `break the timer after ${skip} calls`,
    (model, { cloud }) => {
      model.timerBroken = true;
      const principal = `function ${policyTimer}`;
      cloud.oss.faults.add({
        principal,
        skip,
        times: 2,
        effect: { reset: skip % 2 === 0 ? 'before' : 'after' },
      });
    },
    (model) => !model.timerBroken,
  );

/** A lock comes between 20 and 24 hours, and only to days that the rule accepts (peers.md E.3, 5 and 6). */
async function checkInitiated(
  { cloud }: World,
  bucket: PolicyBucket,
  { days, createdAt }: { readonly days: number; readonly createdAt: Date },
): Promise<void> {
  const held = await heldPolicy(plainClient(cloud.url, bucket), bucket);
  const age = cloud.time.now().getTime() - createdAt.getTime();
  const name = `${bucket} with ${days} days, initiated ${formatInstant(createdAt)}, ${age / hour} h ago`;
  const locks = cloud.oss.requests
    .list()
    .filter((request) => request.operation === 'CompleteBucketWorm' && request.bucket === bucket);
  if (!isAccepted(bucket, days)) {
    expect(locks, name).toEqual([]);
    expect(held?.state, name).not.toBe('Locked');
    return;
  }
  if (age < 20 * hour) expect(locks, name).toEqual([]);
  if (age >= day) expect(held?.state, name).toBe('Locked');
  expect(held?.days, name).toBe(days);
}

/** The policy that Holdfast keeps by itself: there, locked in time, extended before it nears its end, never past 25 days. */
async function checkOwn({ hours }: Model, { cloud }: World): Promise<void> {
  if (hours < 4) return; // two runs may have been broken
  const held = await heldPolicy(plainClient(cloud.url, 'own'), 'own');
  const name = `own after ${hours} hours`;
  if (held === undefined) return expect.unreachable(`${name}: no policy`);
  const age = cloud.time.now().getTime() - held.createdAt.getTime();
  if (age >= day) expect(held.state, name).toBe('Locked');
  expect([10, 20, 25], name).toContain(held.days);
  const left = held.days * day - age;
  if (held.days < 25) expect(left, `${name}: it nears its end`).toBeGreaterThan(9 * day - 4 * hour);
}
