import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import type { ScopeText } from '../../shared/matters/record.ts';
import { minute, second } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { contentOf } from '../support/dead-letters.ts';
import { holdfastCloud, logOf, objectCreated, requestsOfFunctions } from '../support/holdfast-cloud.ts';
import { author, validScope } from '../support/matters.ts';
import { validRules } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
deadLetters: oss://letters/failed/
objects:
  - { name: records, match: { bucket: records, key: "kept/**" }, retain: 7y }
`;

async function world() {
  const cloud = await holdfastCloud(rules);
  for (const bucket of ['records', 'evidence', 'letters']) await createRetentionBucket(cloud.url, bucket);
  const storage = storageOf(cloud);
  const deps = {
    storage,
    rules: validRules(rules),
    clock: { now: () => cloud.time.now(), sleep: () => Promise.resolve() },
  };
  const about = { by: author, reason: 'a lawsuit' };
  return {
    cloud,
    async open(id: string, scope: ScopeText): Promise<string> {
      const at = cloud.time.now();
      const { file } = await keepMatterRecord(deps, {
        kind: 'opened',
        id,
        at,
        ...about,
        scope: validScope(scope),
      });
      return file;
    },
    release: (id: string, file: string) =>
      keepMatterRecord(deps, { kind: 'released', id, at: cloud.time.now(), ...about, follows: [file] }),
    async upload(bucket: string, key: string, tags?: string) {
      const headers = tags === undefined ? {} : { 'x-oss-tagging': tags };
      const { res } = await plainClient(cloud.url, bucket).put(key, Buffer.from(key), { headers });
      await cloud.idle();
      const id = versionId(String(res.headers['x-oss-version-id']));
      return {
        id,
        held: () => storage.holds.getHold({ bucket, key, versionId: id }),
        until: () => retainedUntil(plainClient(cloud.url, bucket), key, id),
      };
    },
  };
}

const linesOf = (cloud: Cloud) => cloud.fc.invocations(objectCreated).flatMap(logOf);

describe('an upload that an open matter has', () => {
  it('is held, whether a rule retains it or not, and its record names the matters', async () => {
    const { cloud, open, upload } = await world();
    await open('all', { match: ['oss://records/**', '!oss://records/tmp/**'] });
    await open('acme', { match: ['oss://records/**'], tags: { client: 'acme' } });
    const kept = await upload('records', 'kept/a');
    expect([await kept.held(), (await kept.until())?.getUTCFullYear()]).toEqual([true, 2034]);
    const bare = await upload('records', 'bare', 'client=acme');
    expect([await bare.held(), await bare.until()]).toEqual([true, undefined]);
    const excluded = await upload('records', 'tmp/a');
    expect(await excluded.held()).toBe(false);
    const tagged = await upload('records', 'tmp/b', 'client=acme');
    expect(await tagged.held()).toBe(true);
    const decided = linesOf(cloud).filter(
      ({ bucket, legalHold }) => bucket === 'records' && legalHold !== undefined,
    );
    expect(decided).toMatchObject([
      { key: 'kept/a', action: 'protect', matters: ['all'], legalHold: 'put-on' },
      { key: 'bare', action: 'no-rule', matters: ['acme', 'all'], legalHold: 'put-on' },
      { key: 'tmp/b', action: 'no-rule', matters: ['acme'] },
    ]);
    const files = (await contentOf(cloud, 'evidence')).filter(([key]) => !key.includes('/matters/'));
    expect(files.map(([, text]) => text).join('')).toContain('"matters":["acme","all"]');
  });

  it('is not held any more once its matter is released, and costs nothing where there are no matters', async () => {
    const { cloud, open, release, upload } = await world();
    cloud.oss.requests.clear();
    await upload('records', 'other');
    expect(
      requestsOfFunctions(cloud).filter((each) => each !== 'PutObject' && each !== 'ListObjectVersions'),
    ).toEqual([]);
    const file = await open('all', { match: ['oss://records/**'] });
    await cloud.advance(3 * second);
    expect(await (await upload('records', 'kept/a')).held()).toBe(true);
    await release('all', file);
    await cloud.advance(3 * second);
    const after = await upload('records', 'kept/b');
    expect([await after.held(), (await after.until())?.getUTCFullYear()]).toEqual([false, 2034]);
  });

  it('is held although the matters could not be read at first', async () => {
    const { cloud, open, upload } = await world();
    await open('all', { match: ['oss://records/**'] });
    cloud.oss.faults.add({
      operation: 'ListObjectVersions',
      bucket: 'evidence',
      times: 2,
      effect: { status: 503, code: 'ServiceUnavailable' },
    });
    expect(await (await upload('records', 'kept/a')).held()).toBe(true);
  });

  it('is retained and its event kept as a dead letter while nobody can tell whether it is to be held', async () => {
    const { cloud, open, upload } = await world();
    await open('all', { match: ['oss://records/**'] });
    cloud.oss.faults.add({
      operation: 'ListObjectVersions',
      bucket: 'evidence',
      effect: { status: 403, code: 'AccessDenied' },
    });
    const kept = await upload('records', 'kept/a');
    expect([await kept.held(), (await kept.until())?.getUTCFullYear()]).toEqual([false, 2034]);
    await upload('records', 'bare');
    await cloud.advance(30 * minute);
    const failed = linesOf(cloud).filter(({ code }) => code === 'ACCESS_DENIED');
    expect(failed.map(({ key }) => key)).toEqual(expect.arrayContaining(['kept/a', 'bare']));
    const letters = (await contentOf(cloud, 'letters')).map(([, text]) => text).join('');
    expect(letters).toContain('kept/a');
    expect(letters).toContain('bare');
    expect(letters).toContain('ACCESS_DENIED');
  });

  it('is kept by a generation of retention where its bucket takes no hold, unless a rule keeps it for longer', async () => {
    const { cloud, open, upload } = await world();
    for (const call of ['Put', 'Get'])
      cloud.oss.faults.add({
        operation: `${call}ObjectLegalHold`,
        bucket: 'records',
        effect: { status: 501, code: 'NotImplemented' },
      });
    await open('acme', { match: ['oss://records/**'], tags: { client: 'acme' } });
    const bare = await upload('records', 'bare', 'client=acme');
    expect((await bare.until())?.toISOString()).toMatch(/^2027-05-30T/); // 90 days
    const kept = await upload('records', 'kept/a', 'client=acme');
    expect((await kept.until())?.getUTCFullYear()).toBe(2034);
    const other = await upload('records', 'other', 'client=other');
    expect(await other.until()).toBe(undefined);
    const decided = linesOf(cloud).filter(
      ({ bucket, matters }) => bucket === 'records' && matters !== undefined,
    );
    expect(decided).toMatchObject([
      {
        ...{ key: 'bare', action: 'protect', rule: 'matter acme', legalHold: 'not-offered', level: 'info' },
        reason: expect.stringContaining('held open, generation 0: matter acme is open'),
      },
      { key: 'kept/a', action: 'protect', rule: 'records', legalHold: 'not-offered', level: 'info' },
    ]);
  });

  it('fails loudly where the bucket takes neither hold nor retention, and where a matter cannot be read', async () => {
    const { cloud, open, upload } = await world();
    const plain = plainClient(cloud.url, 'plain-1');
    await plain.putBucket('plain-1');
    await plain.putBucketVersioning('plain-1', 'Enabled');
    await open('all', { match: ['oss://plain-1/**'] });
    await upload('plain-1', 'a');
    expect(linesOf(cloud)).toContainEqual(
      expect.objectContaining({ bucket: 'plain-1', key: 'a', level: 'error', code: 'HOLD_NOT_OFFERED' }),
    );
    const key = `audit/matters/bad/opened-${'a'.repeat(64)}.json`;
    await plainClient(cloud.url, 'evidence').put(key, Buffer.from('{}'));
    await cloud.advance(3 * second);
    const kept = await upload('records', 'kept/a');
    expect((await kept.until())?.getUTCFullYear()).toBe(2034);
    expect(linesOf(cloud)).toContainEqual(
      expect.objectContaining({ key: 'kept/a', level: 'error', code: 'MATTER_MALFORMED' }),
    );
  });
});
