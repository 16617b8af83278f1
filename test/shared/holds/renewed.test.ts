import { describe, expect, it } from 'vitest';
import { mattersRenewedIn } from '../../../shared/holds/renewed.ts';
import { type FoundMatterRecord, mattersOf } from '../../../shared/matters/state.ts';
import type { MatterPass } from '../../../shared/matters/types.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { etag, type ListedVersion, type ObjectStore, versionId } from '../../../shared/storage/port.ts';
import { author, foundRecord, minutes, opened, released } from '../../support/matters.ts';

const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://hr', detail: 'InvalidRequest' });
const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://hr', action: 'oss:x' });
const malformed = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });
const gone = failure('NO_SUCH_OBJECT', { operation: 'x', target: 'oss://hr/a', code: 'NoSuchKey' });
type Answer = boolean | Error;

const listed = (key: string, type: string): ListedVersion => ({
  ...{ kind: 'version', bucket: 'hr', key, versionId: versionId(`v-${key}`), isLatest: true, type },
  ...{ lastModified: minutes(0), etag: etag('E'), size: 1 },
});

const marker: ListedVersion = {
  ...{ kind: 'delete-marker', bucket: 'hr', key: 'm', versionId: versionId('m'), isLatest: true },
  lastModified: minutes(0),
};

/**
 * A bucket that tells of the hold of each of its versions; a string is a version of that type, which nobody asks about. A delete marker
 * comes before each.
 */
function bucketWith(answers: readonly (Answer | string)[]) {
  const asked: string[] = [];
  const storage: Pick<ObjectStore, 'holds' | 'listVersions' | 'getObjectWorm'> = {
    holds: {
      getHold({ key }) {
        asked.push(key);
        const answer = answers[Number(key)];
        if (typeof answer === 'boolean') return Promise.resolve(answer);
        return Promise.reject(answer instanceof Error ? answer : new Error('nobody asks about this one'));
      },
      putHold: () => Promise.reject(new Error('nobody writes here')),
    },
    listVersions: (bucket, prefix) => ({
      first: () => Promise.reject(new Error('nobody asks for it')),
      async *[Symbol.asyncIterator]() {
        if (`${bucket}/${prefix}` !== 'hr/') throw new Error('all versions of the bucket are listed');
        for (const [index, answer] of answers.entries()) {
          yield marker;
          yield await Promise.resolve(listed(String(index), typeof answer === 'string' ? answer : 'Normal'));
        }
      },
    }),
    getObjectWorm: () => Promise.resolve({}),
  };
  return { storage, asked };
}

const scope = { match: ['oss://hr/**'] };
const matter = opened('a', 10, scope);
const pass = (at: number, part: Partial<MatterPass>) =>
  foundRecord({
    ...{ kind: 'held', id: 'a', at: minutes(at), by: author, follows: [matter.file], complete: true },
    ...{ counts: {}, ...part },
  });

const renewedIn = async (records: readonly FoundMatterRecord[], answers: readonly (Answer | string)[]) => {
  const { storage, asked } = bucketWith(answers);
  const renewed = await mattersRenewedIn(storage, mattersOf(records), 'hr');
  return { renewed: renewed.map(({ id }) => id), asked };
};

describe('without a record of a bucket that takes no holds, the first version that can be retained is asked', () => {
  it.each<[what: string, renewed: string[], asked: string[], answers: readonly (Answer | string)[]]>([
    ['has a hold', [], ['0'], [true]],
    ['has none', [], ['0'], [false]],
    ['tells nothing', ['a'], ['0'], [notOffered]],
    ['is gone, so the next one tells nothing', ['a'], ['0', '1'], [gone, notOffered]],
    ['comes behind a symlink and an appendable one', ['a'], ['2'], ['Symlink', 'Appendable', notOffered]],
    ['is not there', [], [], []],
    ['was the only one, and is gone', [], ['0'], [gone]],
  ])('that %s', async (_what, renewed, asked, answers) => {
    expect(await renewedIn([matter, pass(11, {})], answers)).toEqual({ renewed, asked });
  });

  it('unless the service has no legal holds', async () => {
    const { storage, asked } = bucketWith([true]);
    const renewed = await mattersRenewedIn({ ...storage, holds: undefined }, mattersOf([matter]), 'hr');
    expect([renewed.map(({ id }) => id), asked]).toEqual([['a'], []]);
  });

  it('and a question that is denied is no answer', async () => {
    await expect(renewedIn([matter], [denied, false])).rejects.toBe(denied);
  });
});

describe('retention keeps the versions whatever the bucket answers', () => {
  it.each<[what: string, records: FoundMatterRecord[]]>([
    [
      'where a pass has found that it takes no holds',
      [pass(11, { withoutHolds: ['x', 'hr'] }), pass(12, {})],
    ],
    ['where a pass has found that it takes no more', [pass(11, { partlyHeld: ['hr'] })]],
    ['where a pass has found it in the instant of the opening', [pass(10, { withoutHolds: ['hr'] })]],
    [
      'where the record of a pass cannot be read',
      [{ name: { id: 'a', kind: 'held', sha256: 'x' }, error: malformed }],
    ],
  ])('%s', async (_what, records) => {
    expect(await renewedIn([matter, ...records], [true])).toEqual({ renewed: ['a'], asked: [] });
  });

  it('where a pass of another matter has found it while this one is open, and not before', async () => {
    const other = opened('b', 1, { match: ['oss://hr/x'] });
    const over = released('b', 2, [other.file]);
    const of = (at: number) => pass(at, { id: 'b', follows: [other.file], withoutHolds: ['hr'] });
    expect((await renewedIn([matter, other, over, of(11)], [true])).renewed).toEqual(['a']);
    expect((await renewedIn([matter, other, over, of(2)], [true])).renewed).toEqual([]);
  });

  it('where it was found while the first of the open matters was open', async () => {
    const later = opened('c', 20, scope);
    const other = opened('b', 1, { match: ['oss://hr/x'] });
    const over = released('b', 2, [other.file]);
    const found = pass(15, { id: 'b', follows: [other.file], withoutHolds: ['hr'] });
    expect(await renewedIn([matter, later, other, over, found], [true])).toEqual({
      ...{ renewed: ['a', 'c'], asked: [] },
    });
  });

  it('where the record of a pass of one of several open matters cannot be read', async () => {
    const records = [{ name: { id: 'a', kind: 'held', sha256: 'x' }, error: malformed } as const];
    const { renewed } = await renewedIn([matter, opened('c', 20, scope), ...records], [true]);
    expect(renewed).toEqual(['a', 'c']);
  });

  it('and not where what cannot be read is of another matter, or no pass', async () => {
    const other = opened('b', 1, { match: ['oss://fin'] });
    for (const name of [
      { id: 'b', kind: 'held', sha256: 'x' },
      { id: 'a', kind: 'opened', sha256: 'x' },
    ] as const) {
      const { renewed } = await renewedIn([matter, other, { name, error: malformed }], [true]);
      expect(renewed).toEqual([]);
    }
  });

  it('and not of a matter that is over, or has none of the bucket', async () => {
    const found = pass(11, { withoutHolds: ['hr'] });
    expect(await renewedIn([matter, found, released('a', 12, [matter.file])], [notOffered])).toEqual({
      ...{ renewed: [], asked: [] },
    });
    const elsewhere = opened('a', 10, { match: ['oss://fin/**'] });
    expect(await renewedIn([elsewhere, found], [notOffered])).toEqual({ renewed: [], asked: [] });
  });
});
