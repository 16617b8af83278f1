import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';

/**
 * Bytes do not depend on the machine. A function is loaded before its first event, so every byte of it is waited for:
 * a bundle may only grow when this table is changed with it, and the reason given. The goals are in docs/bench.md.
 */
test.each([
  ['object-created', 137_000], // zod and the large entry of pino would break it
  ['policy-timer', 237_000], // it keeps default retention in place too
  ['protect-existing', 288_000], // it renews what matters keep, by what their passes say, and tells of a write behind a release
  ['dead-letter', 205_000],
  ['huawei/object-created', 138_000],
  ['huawei/policy-timer', 278_500], // it reads open matters while it repairs, goes back to where it knew them, and fails where it did not
  ['huawei/protect-existing', 282_000], // the same
  ['huawei/dead-letter', 206_000],
])('the bundle of %s has at most %i bytes', (name, most) => {
  expect(statSync(`dist/${name}/index.js`).size).toBeLessThanOrEqual(most);
});

test('what bulk commands load to send many requests is the client of undici alone', () => {
  const [name = ''] = readdirSync('dist/cli').filter((file) => file.startsWith('undici-connections-'));
  expect(statSync(`dist/cli/${name}`).size).toBeLessThanOrEqual(330_000); // with fetch and WebSocket it has 800,000
});
