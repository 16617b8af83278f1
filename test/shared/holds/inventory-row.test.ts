import { describe, expect, it } from 'vitest';
import type { KnownVersion } from '../../../shared/backfill/source.ts';
import type { HoldLine, VersionInPass } from '../../../shared/holds/deps.ts';
import { rowMayMatch, workOnRow } from '../../../shared/holds/inventory-row.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { minutes, validScope } from '../../support/matters.ts';
import { type StoredVersion, storedVersions } from '../../support/stored-versions.ts';

/** A row that says everything. */
const whole: KnownVersion = {
  ...{ bucket: 'hr', key: 'a', versionId: versionId('v1'), inventory: true },
  ...{ lastModified: minutes(5), type: 'Normal', isLatest: true },
};
const nameless: KnownVersion = { ...whole, versionId: undefined };
const late = { from: minutes(6).toISOString() };

describe('a row of an inventory may name a version of a matter', () => {
  it.each<[what: string, row: KnownVersion, scopes: Parameters<typeof validScope>[0][], may: boolean]>([
    ['of its place', whole, [{ match: ['oss://hr/a'] }], true],
    ['not of another key', whole, [{ match: ['oss://hr/b'] }], false],
    ['not of another bucket', whole, [{ match: ['oss://fin/a'] }], false],
    ['of one of its scopes', whole, [{ match: ['oss://hr/b'] }, { match: ['oss://hr/a'] }], true],
    ['not of another time', whole, [{ match: ['oss://hr'], ...late }], false],
    ['when it says no time', { ...whole, lastModified: undefined }, [{ match: ['oss://hr'], ...late }], true],
    [
      'not of another key, when it says no time',
      { ...nameless, key: 'b' },
      [{ match: ['oss://hr/a'] }],
      false,
    ],
    [
      'when it is the one called null, which may be a later one now',
      { ...whole, versionId: versionId('null') },
      [{ match: ['oss://hr'], ...late }],
      true,
    ],
    [
      'when it has no id, as in a bucket without versions',
      nameless,
      [{ match: ['oss://hr'], ...late }],
      true,
    ],
    ['by the other reading of its key', { ...whole, otherKey: 'b' }, [{ match: ['oss://hr/b'] }], true],
    ['by the first reading of two', { ...whole, otherKey: 'b' }, [{ match: ['oss://hr/a'] }], true],
    ['by neither reading', { ...whole, otherKey: 'b' }, [{ match: ['oss://hr/c'] }], false],
    ['whatever its tags are', whole, [{ match: ['oss://hr'], tags: { client: 'acme' } }], true],
  ])('%s', (_what, row, scopes, may) => {
    expect(rowMayMatch(row, scopes.map(validScope))).toBe(may);
  });
});

/** Works on a row of a bucket that has these versions; says what was worked on, and what was asked. */
async function work(
  row: KnownVersion,
  stored: readonly (StoredVersion | { readonly key: string; readonly id: string; readonly isMarker: true })[],
  result: HoldLine['result'] | 'nothing' | Error = 'held',
) {
  const service = storedVersions([], { lastModified: minutes(7) });
  for (const each of stored) service.add(each);
  const { asked } = service;
  const worked: VersionInPass[] = [];
  const storage: Parameters<typeof workOnRow>[0]['storage'] = {
    ...service.storage,
    listVersions(bucket, prefix) {
      asked.push(`listVersions ${prefix}`);
      const items = stored
        .filter(({ key }) => key.startsWith(prefix))
        .map(({ key, id }) => ({
          ...{ bucket, key, versionId: versionId(id), kind: 'delete-marker' as const },
          ...{ isLatest: true, lastModified: minutes(0) },
        }));
      return listing(() => Promise.resolve({ items, next: undefined }));
    },
  };
  const inventory = {
    ...{ bucket: 'hr', matter: 'case-1', scopes: [validScope({ match: ['oss://hr'] })] },
    source: {
      shards: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('x')) }) }),
    },
  };
  const done = await workOnRow({ storage }, inventory, (version) => {
    worked.push(version);
    if (result instanceof Error) return Promise.reject(result);
    const { bucket, key, versionId: id } = version;
    return Promise.resolve(
      result === 'nothing'
        ? undefined
        : { bucket, key, versionId: id, action: 'hold', matters: ['case-9'], result },
    );
  })(row);
  return { done, asked, worked };
}

const found = { bucket: 'hr', key: 'a', versionId: versionId('v1'), isLatest: true };
const head = 'headObject a v1';
const a: StoredVersion = { key: 'a', id: 'v1', head: { type: 'Multipart' } };

describe('the work on a row of an inventory', () => {
  it('takes the version as the row has it where the row says everything', async () => {
    const { done, asked, worked } = await work(whole, []);
    expect(worked).toEqual([{ ...found, lastModified: minutes(5), type: 'Normal' }]);
    expect(done).toEqual({ version: worked[0], line: expect.objectContaining({ key: 'a', result: 'held' }) });
    expect(asked).toEqual([]);
    const old = await work({ ...whole, isLatest: undefined, type: 'Symlink' }, []);
    expect(old.worked).toEqual([{ ...found, isLatest: false, lastModified: minutes(5), type: 'Symlink' }]);
  });

  it.each<[what: string, row: KnownVersion, id: string]>([
    ['says no time', { ...whole, lastModified: undefined }, 'v1'],
    ['says no type', { ...whole, type: undefined }, 'v1'],
    ['is of the version called null', { ...whole, versionId: versionId('null') }, 'null'],
    ['has no id', nameless, 'null'],
    ['has a key that may be another', { ...whole, otherKey: 'b' }, 'v1'],
  ])('asks HEAD for the time and the type where the row %s', async (_what, row, id) => {
    const { done, asked, worked } = await work(row, [{ ...a, id }]);
    const version = { ...found, versionId: id, lastModified: minutes(7), type: 'Multipart' };
    expect({ asked, worked, version: done?.version }).toEqual({
      ...{ asked: [`headObject a ${id}`], worked: [version], version },
    });
  });

  it('takes the reading of the key that is there', async () => {
    const { done, asked, worked } = await work({ ...whole, key: 'a+b', otherKey: 'a' }, [a]);
    expect(asked).toEqual(['headObject a+b v1', head]);
    expect(worked).toMatchObject([{ key: 'a', lastModified: minutes(7) }]);
    expect(done).toMatchObject({ version: { key: 'a' }, line: { key: 'a' } });
  });

  it('leaves out a row that is in no scope, and one that is a delete marker now', async () => {
    expect(await work({ ...whole, bucket: 'fin' }, [])).toEqual({ done: undefined, asked: [], worked: [] });
    const marker = { key: 'a', id: 'null', isMarker: true } as const;
    const { done, worked } = await work(nameless, [marker]);
    expect([done, worked]).toEqual([undefined, []]);
  });

  it('leaves out what the work leaves out', async () => {
    expect((await work({ ...whole, type: undefined }, [a], 'nothing')).done).toBeUndefined();
  });

  it.each<[what: string, result: HoldLine['result'] | Error]>([
    ['HEAD', 'held'],
    ['the work', 'gone'],
  ])('says that a version is gone, as %s says, where its key has left a trace', async (_what, result) => {
    const row = result === 'held' ? { ...whole, type: undefined } : whole;
    const { done, asked } = await work(row, [{ key: 'a', id: 'v2' }], result);
    const matters = [result === 'held' ? 'case-1' : 'case-9'];
    expect(done?.line).toEqual({
      ...{ bucket: 'hr', key: 'a', versionId: 'v1', action: 'hold', matters, result: 'gone' },
    });
    expect(asked).toEqual([...(result === 'held' ? [head] : []), 'listVersions a']);
  });

  it('names a version that is gone by the reading of its key that has left a trace', async () => {
    const { done } = await work({ ...whole, key: 'a+b', otherKey: 'a b' }, [{ key: 'a b', id: 'v2' }]);
    expect(done?.line).toMatchObject({ key: 'a b', result: 'gone' });
  });

  it('fails for a version that is not there and has left no trace', async () => {
    const { done, worked } = await work({ ...whole, type: undefined }, [{ key: 'ab', id: 'v2' }]);
    expect(done).toMatchObject({
      version: { ...found, lastModified: minutes(5), type: 'Normal' },
      line: { action: 'hold', matters: ['case-1'], result: 'failed', error: { code: 'VERSION_NOT_FOUND' } },
    });
    expect(worked).toEqual([]);
  });

  it('says of a version what the service refuses', async () => {
    const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://hr', action: 'oss:x' });
    expect((await work(whole, [], denied)).done?.line).toMatchObject({ result: 'failed', error: denied });
    await expect(work(whole, [], new TypeError('broken'))).rejects.toThrow('broken');
  });
});
