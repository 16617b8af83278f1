import { describe, expect, it } from 'vitest';
import { addHoldLines, isHoldPassComplete, noHoldCounts } from '../../../shared/holds/counts.ts';
import type { HoldLine, HoldPassDeps } from '../../../shared/holds/deps.ts';
import { type HeldMatter, holdWork } from '../../../shared/holds/hold-work.ts';
import type { ReleasedMatter } from '../../../shared/holds/lift-version.ts';
import { liftWork } from '../../../shared/holds/lift-work.ts';
import { type HoldPosition, type HoldWork, passOverVersions } from '../../../shared/holds/pass.ts';
import { commonPrefix, findHoldTargets } from '../../../shared/holds/targets.ts';
import type { OpenScope } from '../../../shared/matters/matching.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import {
  type DataVersion,
  etag,
  type LegalHolds,
  type ListedVersion,
  type ObjectHead,
  type Page,
  versionId,
} from '../../../shared/storage/port.ts';
import { holdRules } from '../../support/hold-world.ts';
import { minutes, validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';
import { storedVersions } from '../../support/stored-versions.ts';

const scope = validScope({ match: ['oss://hr-*'] });
const lost = failure('UNREACHABLE', { operation: 'x', target: 'oss://hr-1', endpoint: 'e', reason: 'reset' });
const targets = {
  buckets: ['hr-1', 'hr-2'].map((bucket) => ({ bucket, prefix: '' })),
  elsewhere: [],
};
const at = { lastModified: minutes(0), isLatest: true };
const data = (bucket: string, key: string): DataVersion => ({
  ...{ bucket, key, versionId: versionId(`v-${key}`), kind: 'version', ...at },
  ...{ etag: etag('e'), size: 1, type: 'Normal' },
});

interface Given {
  readonly fails?: (bucket: string, cursor: string) => boolean;
  readonly head?: Partial<ObjectHead>;
  /** Told of a hold by the call of its own. */
  readonly told?: boolean | Error;
  /** The refusal to put a hold on or to take it off. */
  readonly refused?: Error;
}

/** Two buckets of two pages each, a version a page and a delete marker; the lists fail where `fails` says. */
function world({ fails = () => false, head = { legalHold: true }, told = true, refused }: Given = {}) {
  const keys = ['a', 'b'];
  const service = storedVersions(
    keys.map((key) => ({ key, id: `v-${key}`, head })),
    { lastModified: minutes(0) },
  );
  const page = (bucket: string, index: number): Promise<Page<ListedVersion>> => {
    const key = keys[index] ?? '';
    if (fails(bucket, key)) return Promise.reject(lost);
    const marker: ListedVersion = { bucket, key, versionId: versionId('m'), kind: 'delete-marker', ...at };
    const next = index + 1 < keys.length ? () => page(bucket, index + 1) : undefined;
    return Promise.resolve({ items: [data(bucket, key), marker], next, ...(next && { cursor: key }) });
  };
  const written: string[] = [];
  const asked: string[] = [];
  const holds: LegalHolds = {
    getHold({ bucket, key }) {
      asked.push(`${bucket}/${key}`);
      return told instanceof Error ? Promise.reject(told) : Promise.resolve(told);
    },
    async putHold({ bucket, key }, status, lastLook) {
      await lastLook?.();
      written.push(`${status} ${bucket}/${key}`);
      if (refused) throw refused;
      return { sent: true, requestId: 'R' };
    },
  };
  const deps: HoldPassDeps = {
    storage: {
      ...service.storage,
      holds,
      getObjectWorm: () => Promise.resolve({}),
      async putRetention({ bucket, key }, _retention, lastLook) {
        await lastLook?.();
        written.push(`retention ${bucket}/${key}`);
        return { sent: true, requestId: 'R' };
      },
      listVersions: (bucket, _prefix, cursor) =>
        listing(() => page(bucket, cursor === undefined ? 0 : keys.indexOf(cursor) + 1)),
    },
    ...{ rules: validRules(holdRules), clock: { now: () => minutes(0) } },
    concurrency: 1,
    signal: new AbortController().signal,
  };
  return { deps, holds, written, asked };
}

/** Runs a pass to its end; each page in short, with the position that is kept behind it, and each bucket that failed. */
async function run(deps: HoldPassDeps, work: HoldWork, from?: HoldPosition) {
  const told: string[] = [];
  for await (const one of passOverVersions(deps, targets, work, from)) {
    told.push(
      'error' in one
        ? `${one.bucket} failed: ${one.error.code}`
        : `${one.lines.map(({ result }) => result).join()} of ${one.looked}, next ${one.next?.bucket ?? '-'} ${one.next?.cursor ?? ''}`.trim(),
    );
  }
  return told;
}

/** A matter that is open all the time. */
const matter = (scopes: HeldMatter['scopes']): HeldMatter => ({
  ...{ id: 'case-1', scopes },
  look: () => Promise.resolve({ open: [], ended: undefined }),
});

const firstPage = 'held of 1, next hr-1 a';

describe('a pass', () => {
  it('goes through all data of all buckets, and says behind each page where it stands', async () => {
    const { deps, holds, written } = world();
    expect(await run(deps, holdWork(deps, holds, matter([scope])))).toEqual([
      firstPage,
      'held of 1, next hr-2',
      'held of 1, next hr-2 a',
      'held of 1, next -',
    ]);
    expect(written).toEqual(['ON hr-1/a', 'ON hr-1/b', 'ON hr-2/a', 'ON hr-2/b']);
  });

  it.each<[string, HoldPosition, string[]]>([
    ['within a bucket', { bucket: 'hr-1', cursor: 'a' }, ['ON hr-1/b', 'ON hr-2/a', 'ON hr-2/b']],
    ['at a bucket', { bucket: 'hr-2' }, ['ON hr-2/a', 'ON hr-2/b']],
    ['behind a bucket that is gone', { bucket: 'hr-11', cursor: 'a' }, ['ON hr-2/a', 'ON hr-2/b']],
  ])('goes on where it was stopped, %s', async (_what, from, expected) => {
    const { deps, holds, written } = world();
    await run(deps, holdWork(deps, holds, matter([scope])), from);
    expect(written).toEqual(expected);
  });

  it('names a bucket whose list fails in the middle, and goes on with the next', async () => {
    const { deps, holds } = world({ fails: (bucket, key) => bucket === 'hr-1' && key === 'b' });
    expect(await run(deps, holdWork(deps, holds, matter([scope])))).toEqual([
      firstPage,
      'hr-1 failed: UNREACHABLE',
      'held of 1, next hr-2 a',
      'held of 1, next -',
    ]);
  });

  it('ends with what is no failure of the service', async () => {
    const { deps, holds } = world();
    const held = holdWork(deps, holds, matter([scope]));
    const broken = () => Promise.reject(new TypeError('broken'));
    await expect(run(deps, { ...held, work: broken })).rejects.toThrow('broken');
    await expect(run(deps, { ...held, begin: broken })).rejects.toThrow('broken');
  });

  it('takes off again what it has put on behind a release, and stops', async () => {
    const { deps, holds, written } = world();
    const ended = failure('MATTER_RELEASED', { matter: 'case-1', time: 't', who: 'ann' });
    const looks = [undefined, ended, ended];
    const look = () => Promise.resolve({ open: [], ended: looks.length > 1 ? looks.shift() : ended });
    expect(await run(deps, holdWork(deps, holds, { ...matter([scope]), look }))).toEqual([
      firstPage,
      'lifted of 1, next -',
      'hr-1 failed: MATTER_RELEASED',
      'lifted of 1, next -',
      'hr-2 failed: MATTER_RELEASED',
    ]);
    expect(written).toEqual(['ON hr-1/a', 'ON hr-1/b', 'OFF hr-1/b', 'ON hr-2/a', 'OFF hr-2/a']);
    const lostLook = () => Promise.reject(lost);
    expect(
      (await run(deps, holdWork(deps, holds, { ...matter([scope]), look: lostLook }))).slice(0, 2),
    ).toEqual(['held of 1, next -', 'hr-1 failed: UNREACHABLE']);
    const broken = () => Promise.reject(new TypeError('broken'));
    const breaks = passOverVersions(
      deps,
      targets,
      holdWork(deps, holds, { ...matter([scope]), look: broken }),
    );
    await expect(breaks[Symbol.asyncIterator]().next()).rejects.toThrow('broken');
  });

  it('sends no hold and no retention for a matter that is known to be released by then', async () => {
    const ended = failure('MATTER_RELEASED', { matter: 'case-1', time: 't', who: 'ann' });
    const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://hr-1', detail: 'InvalidRequest' });
    for (const refused of [undefined, notOffered]) {
      const { deps, holds, written } = world({ head: {}, told: false, ...(refused && { refused }) });
      let looks = 0;
      const lastLook = () => {
        looks += 1;
        return looks === 1 ? Promise.resolve() : Promise.reject(ended);
      };
      const look = () => Promise.resolve({ open: [], ended });
      const told = await run(deps, holdWork(deps, holds, { ...matter([scope]), look, lastLook }));
      expect(told.slice(0, 2)).toEqual(['not-held of 1, next -', 'hr-1 failed: MATTER_RELEASED']);
      expect(written).toEqual(['ON hr-1/a']);
    }
  });

  it('leaves what it has put on behind a release to another open matter', async () => {
    const { deps, holds, written } = world();
    const ended = failure('MATTER_RELEASED', { matter: 'case-1', time: 't', who: 'ann' });
    const look = () => Promise.resolve({ open: [{ id: 'case-2', scope }], ended });
    const [first] = await run(deps, holdWork(deps, holds, { ...matter([scope]), look }));
    expect(first).toBe('kept of 1, next -');
    expect(written).not.toContain('OFF hr-1/a');
  });

  it('tells of no version that is not in the scopes', async () => {
    const { deps, holds, written } = world();
    const other = validScope({ match: ['oss://hr-2/b'] });
    let looks = 0;
    const look = () => Promise.resolve({ open: [], ended: undefined }).finally(() => (looks += 1));
    expect(await run(deps, holdWork(deps, holds, { ...matter([other]), look }))).toEqual([
      'of 1, next hr-1 a',
      'of 1, next hr-2',
      'of 1, next hr-2 a',
      'held of 1, next -',
    ]);
    expect(written).toEqual(['ON hr-2/b']);
    expect(looks).toBe(1);
  });
});

describe('a pass that takes holds off', () => {
  const released: ReleasedMatter = {
    ...{ id: 'case-1', scopes: [scope], isResumed: false },
    keptBy: () => 'holds',
  };
  const opened: readonly OpenScope[] = [{ id: 'case-2', scope: validScope({ match: ['oss://hr-1/a'] }) }];
  /** Answers the first reads of what is open in this order, and then with nothing. */
  const reads = (...answers: (readonly OpenScope[] | Error)[]) => {
    const left = [...answers];
    return () => {
      const next = left.shift() ?? [];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
  };

  it('reads what is open before each page and again behind it', async () => {
    const { deps, holds, written } = world();
    let count = 0;
    const openNow = () => Promise.resolve([]).finally(() => (count += 1));
    expect(await run(deps, liftWork(deps, holds, released, openNow))).toHaveLength(4);
    expect([count, written.length]).toEqual([8, 4]);
  });

  it('takes no hold off that a matter has that is open, and makes sure behind each page that it is', async () => {
    const { deps, holds, written } = world();
    let count = 0;
    const all = [{ id: 'case-2', scope }];
    const openNow = () => Promise.resolve(all).finally(() => (count += 1));
    expect((await run(deps, liftWork(deps, holds, released, openNow)))[0]).toBe('kept of 1, next hr-1 a');
    expect(written.every((each) => each.startsWith('ON '))).toBe(true);
    expect(count).toBe(8);
  });

  it('takes off what it has put on for a matter that was released meanwhile: its release may have passed by', async () => {
    const { deps, holds, written } = world();
    const both = [{ id: 'case-2', scope }];
    const [first] = await run(deps, liftWork(deps, holds, released, reads(both, [])));
    expect(first).toBe('lifted of 1, next hr-1 a');
    expect(written.slice(0, 2)).toEqual(['ON hr-1/a', 'OFF hr-1/a']);
    const again = world();
    const work = liftWork(again.deps, again.holds, released, reads(both, [], opened, opened));
    expect((await run(again.deps, work))[0]).toBe('kept of 1, next hr-1 a');
    expect(again.written.slice(0, 3)).toEqual(['ON hr-1/a', 'OFF hr-1/a', 'ON hr-1/a']);
  });

  it('leaves it to a further matter, and gives it back where nobody can say what is open by then', async () => {
    const { deps, holds, written } = world();
    const both = [{ id: 'case-2', scope }];
    const further = [{ id: 'case-3', scope }];
    const [first] = await run(deps, liftWork(deps, holds, released, reads(both, further, further)));
    expect(first).toBe('kept of 1, next hr-1 a');
    expect(written.slice(0, 2)).toEqual(['ON hr-1/a', 'ON hr-1/a']);
    const lostAt = world();
    const work = liftWork(lostAt.deps, lostAt.holds, released, reads(both, [], lost));
    expect((await run(lostAt.deps, work)).slice(0, 2)).toEqual([
      'failed of 1, next -',
      'hr-1 failed: UNREACHABLE',
    ]);
    expect(lostAt.written.slice(0, 3)).toEqual(['ON hr-1/a', 'OFF hr-1/a', 'ON hr-1/a']);
  });

  it('gives the hold back to a matter that was opened while the page was worked on', async () => {
    const { deps, holds, written } = world();
    const [first] = await run(deps, liftWork(deps, holds, released, reads([], opened, opened)));
    expect(first).toBe('kept of 1, next hr-1 a');
    expect(written.slice(0, 2)).toEqual(['OFF hr-1/a', 'ON hr-1/a']);
    expect(written.slice(2)).toEqual(['OFF hr-1/b', 'OFF hr-2/a', 'OFF hr-2/b']);
  });

  it('reads again behind a page of which one hold was taken off, and others were not', async () => {
    const { deps, holds, written } = world();
    const work = liftWork(deps, holds, released, reads([], opened, opened));
    await work.begin?.();
    const version = data('hr-1', 'a');
    const line = (result: HoldLine['result']): HoldLine => ({
      ...{ bucket: 'hr-1', key: 'a', versionId: version.versionId, action: 'lift', matters: [], result },
    });
    const done = [
      { version, line: line('skipped') },
      { version, line: line('lifted') },
    ];
    const finished = await work.finish(done);
    expect(finished.lines.map(({ result }) => result)).toEqual(['skipped', 'kept']);
    expect(written).toEqual(['ON hr-1/a']);
  });

  it('gives all holds of a page back when nobody can say what is open, and repeats the page', async () => {
    const { deps, holds, written } = world();
    expect(await run(deps, liftWork(deps, holds, released, reads([], lost)))).toEqual([
      'failed of 1, next -',
      'hr-1 failed: UNREACHABLE',
      'lifted of 1, next hr-2 a',
      'lifted of 1, next -',
    ]);
    expect(written.slice(0, 2)).toEqual(['OFF hr-1/a', 'ON hr-1/a']);
  });

  it('gives back by retention what takes no hold any more, for the matter that was released', async () => {
    const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://hr-1', detail: 'InvalidRequest' });
    const { deps, holds, written } = world({ refused: notOffered });
    const version = data('hr-1', 'a');
    const { versionId: id } = version;
    const lifted: HoldLine = {
      ...{ bucket: 'hr-1', key: 'a', versionId: id, action: 'lift', matters: ['case-1'], result: 'lifted' },
    };
    const work = liftWork(deps, holds, released, reads(lost));
    expect(await work.finish([{ version, line: lifted }])).toMatchObject({
      lines: [{ action: 'hold', matters: ['case-1'], result: 'failed', error: lost }],
      error: lost,
    });
    expect(written).toEqual(['ON hr-1/a', 'retention hr-1/a']);
  });

  describe('asks for a hold that HEAD does not show', () => {
    const plain = { head: {} };
    const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://hr-1', detail: 'InvalidRequest' });

    it('and takes it off', async () => {
      const { deps, holds, written, asked } = world({ ...plain, told: true });
      expect((await run(deps, liftWork(deps, holds, released, reads())))[0]).toBe(`lifted of 1, next hr-1 a`);
      expect([asked[0], written[0]]).toEqual(['hr-1/a', 'OFF hr-1/a']);
    });

    it('and leaves a version that has none', async () => {
      const { deps, holds, written } = world({ ...plain, told: false });
      let count = 0;
      const openNow = () => Promise.resolve([]).finally(() => (count += 1));
      const told = await run(deps, liftWork(deps, holds, released, openNow));
      expect(told[0]).toBe('not-held of 1, next hr-1 a');
      expect(written).toEqual([]);
      expect(count, 'nothing has to be made sure of behind such a page').toBe(told.length);
    });

    it('and takes off what a bucket with ObjectWorm does not tell of', async () => {
      const { deps, holds, written } = world({ ...plain, told: notOffered });
      expect((await run(deps, liftWork(deps, holds, released, reads())))[0]).toBe(
        'off-written of 1, next hr-1 a',
      );
      expect(written[0]).toBe('OFF hr-1/a');
    });

    it('and gives that back, too, when nobody can say what is open', async () => {
      const { deps, holds, written } = world({ ...plain, told: notOffered });
      expect((await run(deps, liftWork(deps, holds, released, reads([], lost))))[0]).toBe(
        'failed of 1, next -',
      );
      expect(written.slice(0, 2)).toEqual(['OFF hr-1/a', 'ON hr-1/a']);
    });

    it('but not where the service has no holds', async () => {
      const { deps, holds, asked } = world({ ...plain, told: notOffered });
      const without = { ...deps, storage: { ...deps.storage, holds: undefined } };
      expect((await run(without, liftWork(without, holds, released, reads())))[0]).toBe(
        'not-held of 1, next hr-1 a',
      );
      expect(asked).toEqual([]);
    });
  });

  it('begins no page when nobody can say what is open', async () => {
    const { deps, holds, written } = world();
    expect((await run(deps, liftWork(deps, holds, released, reads(lost))))[0]).toBe(
      'hr-1 failed: UNREACHABLE',
    );
    expect(written).toEqual(['OFF hr-2/a', 'OFF hr-2/b']);
  });

  it('ends with what is no failure of the service, also behind a page', async () => {
    const { deps, holds, written } = world();
    const broken = liftWork(deps, holds, released, reads([], new TypeError('broken')));
    await expect(run(deps, broken)).rejects.toThrow('broken');
    expect(written).toEqual(['OFF hr-1/a']);
  });
});

describe('the counts of a pass', () => {
  const now = minutes(10);
  const line = (part: Partial<HoldLine>): HoldLine => ({
    ...{ bucket: 'hr-1', key: 'a', versionId: versionId('v'), action: 'lift', matters: [], result: 'lifted' },
    ...part,
  });

  it('say what may be deleted now, and the first and the last end of retention of the rest', () => {
    const lines = [
      line({}),
      line({ retainUntil: now }),
      line({ retainUntil: minutes(30), result: 'off-already' }),
      line({ retainUntil: minutes(20) }),
      line({ retainUntil: minutes(25) }),
      line({ result: 'kept' }),
      line({ result: 'left', retainUntil: minutes(5) }),
    ];
    const one = addHoldLines(noHoldCounts, lines, 9, now);
    expect(one).toMatchObject({
      ...{ looked: 9, deletableNow: 2, nextDeletable: minutes(20), lastDeletable: minutes(30), failures: [] },
      results: { lifted: 4, 'off-already': 1, kept: 1, left: 1, held: 0 },
    });
    expect(addHoldLines(one, [line({ retainUntil: minutes(40) })], 1, now)).toMatchObject({
      ...{ looked: 10, deletableNow: 2, nextDeletable: minutes(20), lastDeletable: minutes(40) },
    });
    expect(noHoldCounts.results.lifted).toBe(0);
  });

  it('say of what retention alone has kept when it may be deleted, once it is released', () => {
    const retained = line({ result: 'retained', retainUntil: minutes(30) });
    const kept = line({ action: 'hold', result: 'retained', retainUntil: minutes(60) });
    expect(addHoldLines(noHoldCounts, [retained, kept], 2, now)).toMatchObject({
      ...{ deletableNow: 0, nextDeletable: minutes(30), lastDeletable: minutes(30) },
    });
  });

  it('name the buckets that took holds, those that took none, and versions over the cap', () => {
    const lines = [
      line({ bucket: 'b', result: 'held' }),
      line({ bucket: 'd', result: 'retained', isOverCap: true }),
      line({ bucket: 'c', result: 'not-offered' }),
      line({ bucket: 'd', result: 'retained', isOverCap: true }),
      line({ bucket: 'e', result: 'gone' }),
    ];
    const one = addHoldLines(noHoldCounts, lines, 5, now);
    expect(one).toMatchObject({ overCap: 2, withoutHolds: ['c', 'd'], withHolds: ['b'] });
    const more = [
      line({ bucket: 'a', result: 'retained', isOverCap: true }),
      line({ bucket: 'a', result: 'held' }),
    ];
    expect(addHoldLines(one, more, 2, now)).toMatchObject({
      ...{ overCap: 3, withoutHolds: ['a', 'c', 'd'], withHolds: ['a', 'b'] },
    });
    const nothing = addHoldLines(noHoldCounts, [], 0, now);
    expect(nothing).toMatchObject({ overCap: 0, withoutHolds: [], withHolds: [] });
    expect(nothing.results).toMatchObject({ retained: 0, 'not-asked': 0 });
  });

  it('have each kind of failure once, with an example and what to do', () => {
    const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://hr-1', action: 'oss:x' });
    const failed = (error: typeof lost) => line({ result: 'failed', error });
    const { failures } = addHoldLines(noHoldCounts, [failed(lost), failed(denied), failed(lost)], 3, now);
    expect(failures).toEqual([
      { code: 'UNREACHABLE', count: 2, example: lost.message, remedy: lost.remedy },
      { code: 'ACCESS_DENIED', count: 1, example: denied.message, remedy: denied.remedy },
    ]);
  });

  it.each<[HoldLine['result'], boolean]>([
    ['held', true],
    ['left', true],
    ['gone', true],
    ['failed', false],
    ['not-offered', false],
    ['not-asked', false],
  ])('with a version %s say whether nothing is left to do: %s', (result, complete) => {
    expect(isHoldPassComplete(addHoldLines(noHoldCounts, [line({ result })], 1, now))).toBe(complete);
  });
});

describe('the buckets that a matter reaches', () => {
  it('are worked on here in order, and named where they are elsewhere', async () => {
    const buckets = ['hr-2', 'fin', 'hr-1', 'hr-far'].map((name) => ({
      name,
      region: name === 'hr-far' ? 'cn-beijing' : 'cn-hangzhou',
    }));
    const storage = {
      listBuckets: () => listing(() => Promise.resolve({ items: buckets, next: undefined })),
    };
    const scopes = [validScope({ match: ['oss://hr-*/2026/*'] }), validScope({ match: ['oss://other'] })];
    const found = await findHoldTargets(storage, scopes, { matter: 'case-1', region: 'cn-hangzhou' });
    expect(found.buckets).toEqual([
      { bucket: 'hr-1', prefix: '2026/' },
      { bucket: 'hr-2', prefix: '2026/' },
    ]);
    expect(found.elsewhere.map(({ code, message }) => [code, message])).toEqual([
      ['HOLD_ELSEWHERE', expect.stringMatching(/case-1.*hr-far.*cn-beijing|hr-far.*cn-beijing.*case-1/)],
    ]);
  });

  it.each<[string[], string]>([
    [['oss://hr-1/ledger/2026/*'], 'ledger/2026/'],
    [['oss://hr-1/ledger/2026/*', 'oss://hr-1/ledger/2025/*'], 'ledger/202'],
    [['oss://hr-1/ledger/*', 'oss://hr-1/letters/*', 'oss://hr-1/l*'], 'l'],
    [['oss://hr-1/ledger/*', 'oss://hr-1'], ''],
    [['oss://hr-1/ledger/*', 'oss://fin/x'], 'ledger/'],
    [['oss://fin/x'], ''],
  ])('are listed by what all keys of %j begin with: %j', (match, prefix) => {
    expect(commonPrefix([validScope({ match })], 'hr-1')).toBe(prefix);
  });
});
