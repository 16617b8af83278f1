import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Identity, openIdentity } from '../../../cli/credentials/identity.ts';
import { loadIssuers } from '../../../cli/credentials/load-issuers.ts';
import { renewing } from '../../../cli/credentials/renewing.ts';
import type { CredentialSource } from '../../../cli/credentials/source.ts';
import type { AccessKey } from '../../../local/oss/index.ts';
import { createRetentionBucket } from '../../../local/plain-client.ts';
import { fileCheckpoint } from '../../../shared/backfill/checkpoint.ts';
import { protectExisting } from '../../../shared/backfill/run.ts';
import { listingSource } from '../../../shared/backfill/source.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { formatInstant, hour, minute, second } from '../../../shared/platform/instant.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { aroundStore } from '../../../shared/storage/decorate.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import { withRetry } from '../../../shared/storage/retry.ts';
import { folderWith } from '../../support/cli.ts';
import { credentialsServer, issuedKeys } from '../../support/credentials-server.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { accessKeyId, startOss } from '../../support/oss-server.ts';
import { refusal, scriptedServer } from '../../support/scripted-server.ts';

const start = '2026-11-29T00:00:00Z';

/** A source whose credentials last for some time, counted; it fails when told to. */
function countingSource(clock: Clock, lifeMs: number) {
  let count = 0;
  const state = { fails: false };
  const source: CredentialSource = {
    name: 'a place',
    issue() {
      if (state.fails)
        return Promise.reject(failure('CREDENTIALS_UNREACHABLE', { source: 'a place', reason: 'silent' }));
      count += 1;
      const keys = {
        accessKeyId: `STS.${count}`,
        accessKeySecret: `secret-${count}`,
        securityToken: `token-${count}`,
      };
      return Promise.resolve({ keys, expiresAt: new Date(clock.now().getTime() + lifeMs) });
    },
  };
  return { source, state, count: () => count };
}

const idOf = async (identity: Identity) => (await identity.fresh()).accessKeyId;

it.each([
  [15, 10],
  [60, 55],
  [6, 4],
])('credentials that last %d minutes are renewed after %d', async (life, after) => {
  const clock = manualClock(start);
  const { source } = countingSource(clock, life * minute);
  const identity = await openIdentity(source, clock);
  await clock.sleep(after * minute - second);
  expect(await idOf(identity)).toBe('STS.1');
  await clock.sleep(second);
  expect(await idOf(identity)).toBe('STS.2');
});

it.each([
  ['a token and an end', { securityToken: 'token' }, new Date('2026-11-29T01:00:00Z'), [true, true]],
  ['a token alone', { securityToken: 'token' }, undefined, [false, true]],
  ['an end alone', {}, new Date('2026-11-29T01:00:00Z'), [true, true]],
  ['neither', {}, undefined, [false, false]],
])('credentials with %s', async (_what, token, expiresAt, [isRenewed, isOfSession]) => {
  const keys = { accessKeyId: 'K', accessKeySecret: 'S', ...token };
  const source = {
    name: 'a place',
    issue: () => Promise.resolve({ keys, ...(expiresAt !== undefined && { expiresAt }) }),
  };
  expect(await openIdentity(source, manualClock(start))).toMatchObject({ isRenewed, isOfSession });
});

it('many requests at once wait for one renewal', async () => {
  const clock = manualClock(start);
  const { source, count } = countingSource(clock, hour);
  const identity = await openIdentity(source, clock);
  await clock.sleep(hour);
  expect(new Set(await Promise.all(Array.from({ length: 50 }, () => idOf(identity))))).toEqual(
    new Set(['STS.2']),
  );
  expect(count()).toBe(2);
});

it('while the source fails, what has not ended is used on; what has ended is not', async () => {
  const clock = manualClock(start);
  const { source, state } = countingSource(clock, 15 * minute);
  const identity = await openIdentity(source, clock);
  state.fails = true;
  await clock.sleep(14 * minute);
  expect(await idOf(identity)).toBe('STS.1');
  await clock.sleep(minute);
  await expect(identity.fresh()).rejects.toMatchObject({ code: 'CREDENTIALS_UNREACHABLE' });
  state.fails = false;
  expect(await idOf(identity)).toBe('STS.2');
});

it('a request that is refused because they have ended is sent once more with new ones', async () => {
  const clock = manualClock(start); // stands for a machine whose clock is behind
  const { source } = countingSource(clock, hour);
  const identity = await openIdentity(source, clock);
  const server = await scriptedServer();
  onTestFinished(() => server.close());
  const oss = createOssStorage({
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    credentials: identity.current,
  });
  const storage = renewing(oss, identity);
  server.script(refusal(403, 'SecurityTokenExpired'), { status: 200, headers: { 'x-oss-request-id': 'R' } });
  await storage.putObjectWorm('bucket', {});
  expect(server.requests.map(({ headers }) => headers['x-oss-security-token'])).toEqual([
    'token-1',
    'token-2',
  ]);
  server.script(refusal(403, 'AccessDenied'));
  await expect(storage.putObjectWorm('bucket', {})).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(server.requests).toHaveLength(1);
  server.script(refusal(403, 'SecurityTokenExpired'));
  await expect(storage.putObjectWorm('bucket', {})).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  expect(server.requests).toHaveLength(2);
});

/**
 * Protects 80 versions over the embedded OSS. Each request takes a minute and a half of its time, and each key from the
 * credentials URI lasts for 15 minutes.
 */
async function longRun(renews: boolean) {
  const known = new Map<string, () => AccessKey | undefined>();
  const oss = await startOss(start, { findKey: (id) => known.get(id)?.() });
  onTestFinished(() => oss.close());
  known.set(accessKeyId, () => oss.keys.get(accessKeyId));
  const endpoint = `http://127.0.0.1:${oss.port}`;
  const owner = await createRetentionBucket(endpoint, 'records');
  for (let number = 0; number < 80; number += 1) await owner.put(`plain/${number}`, Buffer.from('x'));

  let issued = 0;
  const server = await credentialsServer(() => {
    issued += 1;
    const end = new Date(oss.now().getTime() + 15 * minute);
    const body = issuedKeys(`STS.${issued}`, formatInstant(end));
    const key = { secret: body.AccessKeySecret, securityToken: body.SecurityToken, principal: 'role' };
    known.set(body.AccessKeyId, () => (oss.now() < end ? key : undefined));
    return { body };
  });
  const clock: Clock = { now: oss.now, sleep: async (ms) => oss.advance(ms) };
  const issuers = await loadIssuers(clock)();
  const identity = await openIdentity(issuers.uri('the URI', server.url), clock);
  const plain = createOssStorage({ region: 'cn-hangzhou', endpoint, credentials: identity.current });
  const slow = <Result>(call: () => Promise<Result>) => {
    oss.advance(1.5 * minute);
    return call();
  };
  const kept = renews ? renewing(plain, identity) : plain;
  const storage = withRetry(aroundStore(slow, (_operation, call) => slow(call))(kept), { clock });
  const folder = folderWith({});
  const rules = rulesFrom(
    'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: a, match: { bucket: records }, retain: 7y }]\n',
    'rules.yaml',
  );
  const { signal } = new AbortController();
  const { tally } = await protectExisting({
    deps: { storage, rules, clock, concurrency: 1, signal },
    source: listingSource(storage, 'records', ''),
    target: 'oss://records',
    checkpoint: fileCheckpoint(join(folder, 'checkpoint.json')),
    report: { lines: join(folder, 'report.jsonl'), table: join(folder, 'report.csv') },
    run: {},
    maxObjects: undefined,
    requests: () => 0,
    onCounting: () => undefined,
    onResume: () => undefined,
    onProgress: () => undefined,
  });
  return { tally, issued, tookMs: oss.now().getTime() - new Date(start).getTime() };
}

it('a run of two hours ends well with credentials that last 15 minutes', async () => {
  const { tally, issued, tookMs } = await longRun(true);
  expect(tookMs).toBeGreaterThan(2 * hour);
  expect(tally).toMatchObject({ versions: 80, changed: 80, failed: 0 });
  expect(issued).toBeGreaterThan(8);
  expect(issued, 'once each ten minutes, and not at each request').toBeLessThan(2 + tookMs / (10 * minute));
});

it('and does not without renewal', async () => {
  await expect(longRun(false)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});
