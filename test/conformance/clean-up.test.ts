import { expect } from 'vitest';
import { initiate, objectWormBucket, ok } from './bucket-calls.ts';
import { emptyBucket, isLeftOver } from './clean-up.ts';
import { append, remove, stored, uploading } from './object-calls.ts';
import { hold, retain } from './retention-calls.ts';
import { embeddedOnly, useTarget } from './target.ts';

// What the suite does on a real account after each case, tried on the embedded OSS first.

useTarget();

embeddedOnly(
  'a bucket goes with versions, markers, holds, governance and unfinished uploads',
  async (target) => {
    const bucket = await objectWormBucket(target);
    await stored(target, bucket, 'dir/ü');
    await ok(retain(target, bucket, 'dir/ü', target.inSeconds(60), { mode: 'GOVERNANCE' }));
    await ok(hold(target, bucket, 'dir/ü', 'ON'));
    await stored(target, bucket, 'marked');
    await ok(remove(target, bucket, 'marked'));
    await uploading(target, bucket, 'begun');
    expect((await emptyBucket(target, bucket)).status).toBe(204);
  },
);

embeddedOnly('a bucket goes with a policy that is not locked', async (target) => {
  const bucket = await target.makeBucket();
  await ok(append(target, bucket, 'log', 0));
  await ok(initiate(target, bucket, 25550));
  expect((await emptyBucket(target, bucket)).status).toBe(204);
});

embeddedOnly('what is under COMPLIANCE is left, and goes once its time is over', async (target) => {
  const bucket = await objectWormBucket(target);
  await stored(target, bucket, 'a');
  await ok(retain(target, bucket, 'a', target.inSeconds(60)));
  expect(isLeftOver(await emptyBucket(target, bucket))).toBe(true);
  target.advance(60_000);
  const reply = await emptyBucket(target, bucket);
  expect(reply.status).toBe(204);
  expect(isLeftOver(reply)).toBe(false);
  expect(isLeftOver(await emptyBucket(target, bucket))).toBe(false);
});
