import { describe, expect, it } from 'vitest';
import type { HoldWorld } from '../../cli/hold/world.ts';
import { interrupt } from '../../cli/terminal/interrupt.ts';
import { plainClient } from '../../local/plain-client.ts';
import { searchAudit } from '../../shared/audit/search.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { failure } from '../../shared/platform/errors.ts';
import { versionId } from '../../shared/storage/port.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { holdRules, holdTestWorld, killedAt } from '../support/hold-world.ts';
import { validRules } from '../support/rules-file.ts';

/** Whoever opens or releases second in the same moment has not read what the first has written. */
const unseen = (inner: HoldWorld): HoldWorld => {
  let isFirst = true;
  return {
    ...inner,
    async readMatters() {
      const matters = await inner.readMatters();
      const seen = isFirst ? { ...matters, all: [] } : matters;
      isFirst = false;
      return seen;
    },
  };
};

describe('holdfast hold', () => {
  it('holds what a matter matches, and releases a version with its last matter only', async () => {
    const world = await holdTestWorld();
    const a = await world.upload('fin-1', 'ledger/a', { client: 'acme' });
    const b = await world.upload('fin-2', 'b');
    const other = await world.upload('hr-1', 'c', { client: 'acme' });
    const held = () =>
      Promise.all([
        world.isHeld('fin-1', 'ledger/a', a),
        world.isHeld('fin-2', 'b', b),
        world.isHeld('hr-1', 'c', other),
      ]);
    const dry = await world.open('case-1', { dryRun: true });
    expect(dry).toMatchObject({ exitCode: 0, json: { held: 2, complete: true } });
    expect(await held()).toEqual([false, false, false]);

    const opened = await world.open('case-1', {});
    expect(opened).toMatchObject({ exitCode: 0, json: { held: 2, complete: true } });
    expect(await held()).toEqual([true, true, false]);
    await world.open('acme', { match: ['oss://*/**', '!oss://evidence'], tag: ['client=acme'] });
    expect(await held()).toEqual([true, true, true]);

    const first = await world.release('case-1');
    // The second may have had the tag when it was held.
    expect(first.json).toMatchObject({ lifted: 0, kept: 1, 'left-for-matters': 1, complete: true });
    expect(await held()).toEqual([true, true, true]);
    const last = await world.release('acme');
    expect(last.json).toMatchObject({ lifted: 2, kept: 0, left: 1, deletableNow: 2 });
    expect(await held()).toEqual([false, true, false]);
    expect((await world.release('case-1')).json).toMatchObject({
      lifted: 1,
      'off-already': 1,
      deletableNow: 2,
    });
    expect(await held()).toEqual([false, false, false]);
    await expect(world.release('case-1')).rejects.toMatchObject({ code: 'MATTER_RELEASED' });

    const verified = await verifyAudit({
      storage: world.storage,
      place: { bucket: 'evidence', prefix: 'decisions/' },
      now: world.cloud.time.now(),
      rules: validRules(holdRules),
      onFinding: (finding) => expect(finding).toBeUndefined(),
    });
    expect(verified).toMatchObject({ findings: 0, records: 11 });
  });

  it('says until when retention goes on keeping what it releases', async () => {
    const world = await holdTestWorld(['fin-1']);
    const now = await world.upload('fin-1', 'now');
    for (const [key, until] of [
      ['soon', '2027-01-01T00:00:00Z'],
      ['late', '2029-01-01T00:00:00Z'],
    ] as const) {
      const id = await world.upload('fin-1', key);
      const at = { bucket: 'fin-1', key, versionId: versionId(id) };
      await world.storage.putRetention(at, { mode: 'COMPLIANCE', until: new Date(until) });
    }
    await world.open('a', {});
    const { text, json } = await world.release('a');
    expect(json).toMatchObject({ lifted: 3, deletableNow: 1 });
    expect(text).toContain('1 version can be deleted now');
    expect(text).toContain(
      '2 versions can be deleted between 2027-01-01T00:00:00Z and 2029-01-01T00:00:00Z, when the retention ends',
    );
    await plainClient(world.cloud.url, 'fin-1').delete('now', { versionId: now });
  });

  it('names a bucket that takes no hold, with the count, and fails', async () => {
    const world = await holdTestWorld(['fin-1']);
    const plain = plainClient(world.cloud.url, 'fin-plain');
    await plain.putBucket('fin-plain');
    await plain.putBucketVersioning('fin-plain', 'Enabled');
    for (const key of ['a', 'b']) await world.upload('fin-plain', key);
    await world.upload('fin-1', 'c');
    const { exitCode, text, json } = await world.open('a', {});
    expect({ exitCode, json }).toMatchObject({
      exitCode: 1,
      json: {
        held: 1,
        'not-offered': 2,
        complete: false,
        failures: [{ code: 'HOLD_NOT_OFFERED', count: 2 }],
      },
    });
    expect(text).toMatch(/HOLD_NOT_OFFERED 2 versions: oss:\/\/fin-plain\/a/);
    expect((await world.release('a')).json).toMatchObject({ lifted: 1, 'not-held': 2, complete: true });
  });

  it('goes on where its writes failed, and takes no other scope for it', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    const a = await world.upload('fin-1', 'a');
    const b = await world.upload('fin-2', 'b');
    world.cloud.oss.faults.add({
      operation: 'PutObjectLegalHold',
      bucket: 'fin-1',
      times: 1,
      effect: { status: 403, code: 'AccessDenied' },
    });
    const first = await world.open('a', {});
    expect(first).toMatchObject({
      exitCode: 1,
      json: { held: 1, failed: 1, failures: [{ code: 'ACCESS_DENIED' }] },
    });
    await expect(world.open('a', { match: ['oss://fin-1/**'] })).rejects.toMatchObject({
      code: 'MATTER_EXISTS',
    });
    expect(await world.open('a', {})).toMatchObject({ exitCode: 0, json: { held: 2 } });
    expect([await world.isHeld('fin-1', 'a', a), await world.isHeld('fin-2', 'b', b)]).toEqual([true, true]);
    await expect(world.open('a', {})).rejects.toMatchObject({ code: 'MATTER_EXISTS' });
  });

  it('begins behind the last bucket that an open that was stopped had done, and so does a release', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    const a = await world.upload('fin-1', 'a');
    const b = await world.upload('fin-2', 'b');
    const killed = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        listVersions: (bucket: string, ...rest: [string, string?]) => {
          if (bucket === 'fin-2') throw new Error('killed');
          return inner.storage.listVersions(bucket, ...rest);
        },
      },
    });
    await expect(world.open('a', {}, killed)).rejects.toThrow('killed');
    expect([await world.isHeld('fin-1', 'a', a), await world.isHeld('fin-2', 'b', b)]).toEqual([true, false]);
    world.cloud.oss.requests.clear();
    expect((await world.open('a', {})).json).toMatchObject({ held: 2, complete: true });
    const listed = () =>
      world.cloud.oss.requests
        .list()
        .filter(({ operation, bucket }) => operation === 'ListObjectVersions' && bucket?.startsWith('fin-'));
    expect(listed().map(({ bucket }) => bucket)).toEqual(['fin-2']);

    await expect(world.release('a', {}, killed)).rejects.toThrow('killed');
    expect([await world.isHeld('fin-1', 'a', a), await world.isHeld('fin-2', 'b', b)]).toEqual([false, true]);
    expect((await world.release('a')).json).toMatchObject({ lifted: 2, complete: true });
    await expect(world.release('a')).rejects.toMatchObject({ code: 'MATTER_RELEASED' });
  });

  it('gives a hold back when another matter is opened while it takes it off', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a');
    await world.open('one', {});
    let done = false;
    const { json } = await world.release('one', {}, (inner) => ({
      ...inner,
      storage: {
        ...inner.storage,
        holds: inner.storage.holds && {
          ...inner.storage.holds,
          async putHold(at, status) {
            // The other matter is opened, and has held the version, in the moment before the hold is taken off.
            if (status === 'OFF' && !done) {
              done = true;
              await world.open('other', {});
            }
            return (await inner.storage.holds?.putHold(at, status)) ?? { sent: false, requestId: undefined };
          },
        },
      },
    }));
    expect(json).toMatchObject({ lifted: 0, kept: 1 });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
  });

  it('holds what has its tag since, when it is told to go over an open matter again', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a');
    const given = { tag: ['client=acme'] };
    await expect(world.open('acme', { ...given, again: true })).rejects.toMatchObject({
      code: 'MATTER_UNKNOWN',
    });
    expect((await world.open('acme', given)).json).toMatchObject({ held: 0 });
    await plainClient(world.cloud.url, 'fin-1').putObjectTagging('a', { client: 'acme' });
    await expect(world.open('acme', given)).rejects.toMatchObject({ code: 'MATTER_EXISTS' });
    expect((await world.open('acme', { ...given, again: true })).json).toMatchObject({ held: 1 });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    await expect(world.open('acme', { again: true })).rejects.toMatchObject({ code: 'MATTER_EXISTS' });
    await world.release('acme');
    await expect(world.open('acme', { ...given, again: true })).rejects.toMatchObject({
      code: 'MATTER_EXISTS',
    });
  });

  it('leaves a hold whose version has lost the tag of the matter, and says so', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a', { client: 'acme' });
    await world.open('acme', { tag: ['client=acme'] });
    await plainClient(world.cloud.url, 'fin-1').putObjectTagging('a', { client: 'other' });
    const { json, text } = await world.release('acme');
    expect(json).toMatchObject({ lifted: 0, left: 1 });
    expect(text).toContain('1 version left with a hold, without the tags of the matter');
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
  });

  it('holds by Last-Modified from a day on and until the end of one', async () => {
    const world = await holdTestWorld(['fin-1']);
    const ids: string[] = [];
    for (const key of ['a', 'b', 'c']) {
      ids.push(await world.upload('fin-1', key)); // on the 20th, the 21st and the 22nd
      await world.cloud.time.advance(24 * 60 * 60 * 1000);
    }
    await world.open('days', { from: '2026-11-21', until: '2026-11-21' });
    const held = ['a', 'b', 'c'].map((key, index) => world.isHeld('fin-1', key, ids[index] ?? ''));
    expect(await Promise.all(held)).toEqual([false, true, false]);
  });

  it('refuses to release what nobody opened, and releases a record that nobody can read', async () => {
    const world = await holdTestWorld(['fin-1']);
    await expect(world.release('nobody')).rejects.toMatchObject({ code: 'MATTER_UNKNOWN' });
    const sha = 'a'.repeat(64);
    await plainClient(world.cloud.url, 'evidence').put(
      `decisions/matters/bad/opened-${sha}.json`,
      Buffer.from('{}'),
    );
    await expect(world.open('bad', {})).rejects.toMatchObject({ code: 'MATTER_MALFORMED' });
    expect(await world.release('bad')).toMatchObject({ exitCode: 0, json: { looked: 0 } });
  });

  it('takes no hold off while a record of another matter that may hold cannot be read', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a');
    const unreadable = (id: string) =>
      plainClient(world.cloud.url, 'evidence').put(
        `decisions/matters/${id}/opened-${'b'.repeat(64)}.json`,
        Buffer.from('{}'),
      );
    const released = () => world.storage.listVersions('evidence', 'decisions/matters/one/released-').first();
    await world.open('one', {});
    await world.open('two', {});
    await unreadable('bad');
    const refused = { code: 'MATTER_MALFORMED' };
    await expect(world.release('one')).rejects.toMatchObject(refused);
    await expect(world.release('one', { dryRun: true })).rejects.toMatchObject(refused);
    expect((await released()).items).toEqual([]);
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    await world.release('bad');
    expect((await world.release('two')).json).toMatchObject({ kept: 1, complete: true });

    // It may also come after the release was written.
    const { json, exitCode } = await world.release('one', {}, (inner) => ({
      ...inner,
      settle: async () => void (await unreadable('worse')),
    }));
    expect({ json, exitCode }).toMatchObject({
      json: { lifted: 0, complete: false, troubles: [{ bucket: 'fin-1', code: 'MATTER_MALFORMED' }] },
      exitCode: 1,
    });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    await expect(world.release('one')).rejects.toMatchObject(refused);
    await world.release('worse');
    expect((await world.release('one')).json).toMatchObject({ lifted: 1, complete: true });
  });

  it('goes on at a bucket that could not be listed, also when it is stopped behind it', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2', 'fin-3']);
    const a = await world.upload('fin-1', 'a');
    for (const bucket of ['fin-2', 'fin-3']) await world.upload(bucket, 'b');
    const stopped = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        listVersions: (bucket: string, ...rest: [string, string?]) => {
          if (bucket === 'fin-1')
            throw failure('ACCESS_DENIED', { operation: 'x', target: 'x', action: 'x' });
          if (bucket === 'fin-3') throw new Error('killed');
          return inner.storage.listVersions(bucket, ...rest);
        },
      },
    });
    await expect(world.open('a', {}, stopped)).rejects.toThrow('killed');
    expect((await world.open('a', {})).json).toMatchObject({ held: 3, complete: true });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
  });

  it('gives holds back when nobody can say whether another matter was opened meanwhile', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a');
    await world.open('one', {});
    let hasLifted = false;
    const { json, exitCode } = await world.release('one', {}, (inner) => ({
      ...inner,
      async readMatters() {
        if (hasLifted) throw failure('ACCESS_DENIED', { operation: 'x', target: 'x', action: 'x' });
        return await inner.readMatters();
      },
      storage: {
        ...inner.storage,
        holds: inner.storage.holds && {
          ...inner.storage.holds,
          async putHold(at, status) {
            hasLifted ||= status === 'OFF';
            return (await inner.storage.holds?.putHold(at, status)) ?? { sent: false, requestId: undefined };
          },
        },
      },
    }));
    expect({ json, exitCode }).toMatchObject({
      json: { lifted: 0, failed: 1, complete: false, troubles: [{ code: 'ACCESS_DENIED' }] },
      exitCode: 1,
    });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    expect((await world.release('one')).json).toMatchObject({ lifted: 1, complete: true });
  });

  it('ends behind the page that it works on when it is interrupted, and goes on there', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    const a = await world.upload('fin-1', 'a');
    const b = await world.upload('fin-2', 'b');
    const interrupted = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        listVersions: (bucket: string, ...rest: [string, string?]) => {
          interrupt();
          return inner.storage.listVersions(bucket, ...rest);
        },
      },
    });
    const { exitCode, json } = await world.open('a', {}, interrupted);
    expect({ exitCode, json }).toMatchObject({
      exitCode: 130,
      json: { held: 1, interrupted: true, complete: false },
    });
    expect([await world.isHeld('fin-1', 'a', a), await world.isHeld('fin-2', 'b', b)]).toEqual([true, false]);
    world.cloud.oss.requests.clear();
    expect((await world.open('a', {})).json).toMatchObject({ held: 2, interrupted: false, complete: true });
    const puts = world.cloud.oss.requests
      .list()
      .filter(({ operation }) => operation === 'PutObjectLegalHold');
    expect(puts.map(({ bucket }) => bucket)).toEqual(['fin-2']);
  });

  it('goes over all versions with --again, whatever an earlier run had done', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    const given = { tag: ['client=acme'] };
    const a = await world.upload('fin-1', 'a');
    await world.upload('fin-2', 'b');
    await world.open('acme', given);
    const killed = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        listVersions: (bucket: string, ...rest: [string, string?]) => {
          if (bucket === 'fin-2') throw new Error('killed');
          return inner.storage.listVersions(bucket, ...rest);
        },
      },
    });
    await expect(world.open('acme', { ...given, again: true }, killed)).rejects.toThrow('killed');
    await plainClient(world.cloud.url, 'fin-1').putObjectTagging('a', { client: 'acme' });
    expect((await world.open('acme', { ...given, again: true })).json).toMatchObject({ held: 1, looked: 2 });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
  });

  it('takes a pass for whole only for the openings that it followed', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    await world.upload('fin-1', 'a');
    const b = await world.upload('fin-2', 'b');
    const one = { match: ['oss://fin-1'] };
    const two = { match: ['oss://fin-2'] };
    const killed = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        listVersions: (bucket: string, ...rest: [string, string?]) => {
          if (bucket === 'fin-2') throw new Error('killed');
          return inner.storage.listVersions(bucket, ...rest);
        },
      },
    });
    await world.open('a', one);
    await expect(world.open('a', two, (inner) => killed(unseen(inner)))).rejects.toThrow('killed');
    expect((await world.open('a', two)).json).toMatchObject({ complete: true });
    expect(await world.isHeld('fin-2', 'b', b)).toBe(true);
    await expect(world.open('a', two)).rejects.toMatchObject({ code: 'MATTER_EXISTS' });
    await world.release('a');

    await world.open('b', one);
    await world.release('b');
    await world.open('b', two, unseen);
    await expect(world.release('b', {}, killed)).rejects.toThrow('killed');
    expect((await world.release('b')).json).toMatchObject({ lifted: 1, complete: true });
    expect(await world.isHeld('fin-2', 'b', b)).toBe(false);
    await expect(world.release('b')).rejects.toMatchObject({ code: 'MATTER_RELEASED' });
  });

  it('holds what was uploaded until each function knows of the matter', async () => {
    const world = await holdTestWorld(['fin-1']);
    let late = '';
    const open = world.open('a', {}, (inner) => ({
      ...inner,
      settle: async () => {
        late = await world.upload('fin-1', 'late');
      },
    }));
    expect((await open).json).toMatchObject({ held: 1, complete: true });
    expect(await world.isHeld('fin-1', 'late', late)).toBe(true);
  });

  it('is not behind a page whose evidence could not be written', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    for (const bucket of ['fin-1', 'fin-2']) await world.upload(bucket, 'a');
    world.cloud.oss.faults.add({
      ...{ operation: 'PutObject', bucket: 'evidence', skip: 1 },
      effect: { status: 403, code: 'AccessDenied' },
    });
    await expect(world.open('a', {})).rejects.toMatchObject({ code: 'AUDIT_UNWRITTEN' });
    world.cloud.oss.faults.clear();
    expect((await world.open('a', {})).json).toMatchObject({ held: 2, complete: true });
    const place = { bucket: 'evidence', prefix: 'decisions/' };
    const told: unknown[] = [];
    const found = searchAudit(world.storage, place, { actions: ['hold'] }, undefined, world.cloud.time.now());
    for await (const { record } of found) told.push(record['bucket']);
    expect(told.sort()).toEqual(['fin-1', 'fin-2']);
  });

  it('leaves no hold behind when the matter is released while its holds are put on', async () => {
    const world = await holdTestWorld(['fin-1', 'fin-2']);
    const a = await world.upload('fin-1', 'a');
    const b = await world.upload('fin-2', 'b');
    let isReleased = false;
    const raced = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        holds: inner.storage.holds && {
          ...inner.storage.holds,
          async putHold(at, status) {
            if (!isReleased) {
              isReleased = true;
              expect((await world.release('a')).json).toMatchObject({ lifted: 0, complete: true });
            }
            return (await inner.storage.holds?.putHold(at, status)) ?? { sent: false, requestId: undefined };
          },
        },
      },
    });
    const { json, exitCode, text } = await world.open('a', {}, raced);
    expect({ json, exitCode }).toMatchObject({
      json: {
        held: 0,
        complete: false,
        troubles: [{ bucket: 'fin-1', code: 'MATTER_RELEASED' }, { bucket: 'fin-2' }],
      },
      exitCode: 1,
    });
    expect(text).toContain('was released at');
    expect([await world.isHeld('fin-1', 'a', a), await world.isHeld('fin-2', 'b', b)]).toEqual([
      false,
      false,
    ]);
  });

  it('refuses a name that differs in case alone, and names the letter that looks like another', async () => {
    const world = await holdTestWorld(['fin-1']);
    await world.open('case-1', {});
    await expect(world.open('Case-1', {})).rejects.toMatchObject({
      code: 'MATTER_EXISTS',
      message: expect.stringMatching(/^there is a matter case-1 already: opened at .* and open$/),
    });
    await expect(world.open('c\u0430se-1', {})).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('since "\u0430" is U+0430'),
    });
  });

  it('opens no matter which reaches another region', async () => {
    const world = await holdTestWorld(['fin-1']);
    await world.upload('fin-1', 'a');
    const elsewhere = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        listBuckets: () =>
          Object.assign(inner.storage.listBuckets(), {
            async *[Symbol.asyncIterator]() {
              for await (const bucket of inner.storage.listBuckets()) {
                yield bucket.name === 'fin-1' ? { ...bucket, region: 'cn-beijing' } : bucket;
              }
            },
          }),
      },
    });
    for (const dryRun of [true, false]) {
      await expect(world.open('a', { dryRun }, elsewhere)).rejects.toMatchObject({ code: 'HOLD_ELSEWHERE' });
    }
    expect((await world.storage.listVersions('evidence', 'decisions/matters/').first()).items).toEqual([]);
  });

  it('tells what a release that was killed had taken off already, with its retention', async () => {
    const world = await holdTestWorld(['fin-1']);
    const until = new Date('2029-01-01T00:00:00Z');
    for (const key of ['a', 'b', 'c']) {
      const id = await world.upload('fin-1', key);
      const at = { bucket: 'fin-1', key, versionId: versionId(id) };
      if (key === 'b') await world.storage.putRetention(at, { mode: 'COMPLIANCE', until });
    }
    await world.open('one', {});
    let calls = 0;
    const killed = (inner: HoldWorld): HoldWorld => ({
      ...inner,
      storage: {
        ...inner.storage,
        holds: inner.storage.holds && {
          ...inner.storage.holds,
          async putHold(at, status) {
            calls += 1;
            if (calls > 2) throw new Error('killed');
            return (await inner.storage.holds?.putHold(at, status)) ?? { sent: false, requestId: undefined };
          },
        },
      },
    });
    await expect(world.release('one', { concurrency: 1 }, killed)).rejects.toThrow('killed');
    const { json, text } = await world.release('one');
    expect(json).toMatchObject({
      ...{ lifted: 1, 'off-already': 2, 'not-held': 0, deletableNow: 2, complete: true },
      nextDeletable: until,
    });
    expect(text).toContain('2 versions had no hold any more');
    expect(text).toContain('1 version can be deleted from 2029-01-01T00:00:00Z on');
    const verified = await verifyAudit({
      storage: world.storage,
      place: { bucket: 'evidence', prefix: 'decisions/' },
      now: world.cloud.time.now(),
      rules: validRules(holdRules),
      onFinding: (finding) => expect(finding).toBeUndefined(),
    });
    expect(verified).toMatchObject({ findings: 0, records: 6 });
  });

  it('leaves a hold that an open matter with tags put before the tags were changed', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a', { client: 'acme' });
    await world.open('acme', { tag: ['client=acme'] });
    await world.open('place', {});
    await plainClient(world.cloud.url, 'fin-1').putObjectTagging('a', { client: 'other' });
    const { json, text } = await world.release('place');
    expect(json).toMatchObject({ lifted: 0, 'left-for-matters': 1, complete: true });
    expect(text).toContain('1 version left with a hold, which an open matter with tags may have put');
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    await world.release('acme');
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    expect((await world.release('place')).json).toMatchObject({ lifted: 1, complete: true });
  });

  it('is a command, which asks where somebody sits and else needs --yes', async () => {
    const world = await holdTestWorld(['fin-1']);
    const a = await world.upload('fin-1', 'a');
    const run = (...args: string[]) =>
      runCli(['hold', ...args], { cwd: world.folder, env: cloudEnvironment(world.cloud.url) });
    const opening = ['open', 'case-1', '--match', 'oss://fin-*/**', '--reason', 'a lawsuit'];
    const asked = await run(...opening);
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('error NOT_CONFIRMED') });
    expect(asked.stderr, 'a hold can be taken off again').not.toContain('undone');
    expect(await run('list')).toMatchObject({ code: 0, stdout: 'there are no matters\n' });
    const opened = await run(...opening, '--yes');
    expect(opened).toMatchObject({ code: 0, stdout: expect.stringContaining('1 version held') });
    expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
    const listed = JSON.parse((await run('list', '--json')).stdout);
    expect(listed.matters).toMatchObject([
      { id: 'case-1', state: 'open', openings: [{ reason: 'a lawsuit', by: { caller: 'holdfast' } }] },
    ]);
    const explained = await runCli(['explain', 'oss://fin-1/a'], {
      cwd: world.folder,
      env: cloudEnvironment(world.cloud.url),
    });
    expect(explained.stdout).toContain('matters        case-1: held until the last of them is released');
    expect((await run('show', 'case-1')).stdout).toMatch(/match +oss:\/\/fin-\*\/\*\*/);
    for (const [args, reason] of [
      [['open', '../x', '--match', 'oss://a', '--reason', 'x'], 'cannot name a matter'],
      [['open', 'x', '--match', 'a', '--reason', 'x'], '--match: expected oss://bucket/key'],
      [['open', 'x', '--match', 'oss://a', '--reason', ' '], '--reason: expected why'],
      [['open', 'x', '--match', 'oss://a', '--reason', 'x', '--tag', 'a'], '--tag a: expected key=value'],
      [['open', 'x', '--match', 'oss://a', '--reason', 'x', '--from', '1.2.26'], '--from: '],
      [['open', 'x', '--match', '!oss://a', '--reason', 'x'], 'at least one place without "!"'],
      [['open', 'x', '--reason', 'x'], "required option '--match <place...>'"],
      [['release', 'case-1'], "required option '--reason <text>'"],
    ] as const) {
      const { code, stderr } = await run(...args);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(reason) });
    }
  });
});

it.each(['', '../x', 'a b'])(
  'refuses %j for the name of a matter before it asks for rules or credentials',
  async (name) => {
    expect(await runCli(['hold', 'show', name], { cwd: folderWith({}) })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error USAGE: '),
    });
  },
);

it('says of a pass that met nothing that there was no version', async () => {
  const world = await holdTestWorld(['fin-1']);
  await world.open('empty', { match: ['oss://fin-1/none/**'], reason: 'a lawsuit' });
  const shown = await runCli(['hold', 'show', 'empty'], {
    cwd: world.folder,
    env: cloudEnvironment(world.cloud.url),
  });
  expect(shown.stdout).toMatch(/^held +\S+Z no version, in 1 bucket$/m);
});

it('shows each of two people who have opened a matter in the same moment', async () => {
  const world = await holdTestWorld(['fin-1', 'fin-2']);
  const run = async (...args: string[]) =>
    (await runCli(args, { cwd: world.folder, env: cloudEnvironment(world.cloud.url) })).stdout;
  await world.upload('fin-1', 'a');
  await world.upload('fin-2', 'b');
  const second = { match: ['oss://fin-2'], reason: 'an audit' };
  await world.open('case', { match: ['oss://fin-1'], reason: 'a lawsuit' });
  await expect(world.open('case', second, (inner) => killedAt('fin-2')(unseen(inner)))).rejects.toThrow(
    'killed',
  );
  const rows = async () => (await run('hold', 'list')).split('\n').map((row) => row.trim().split(/ {2,}/));
  const opened = ['case', 'open', expect.any(String), 'LTAIexample'];
  expect(await rows(), 'the second pass has not ended').toMatchObject([
    ['NAME', 'STATE', 'OPENED', 'BY', 'HELD', 'REASON'],
    [...opened, '1, not all', 'a lawsuit'],
    [...opened, 'with the one above', 'an audit'],
    [''],
  ]);
  const planned = async () => JSON.parse(await run('plan', '--json')).matters.open;
  expect(await planned()).toMatchObject([
    {
      ...{ id: 'case', held: 1, complete: false, reasons: ['a lawsuit', 'an audit'] },
      scopes: [{ match: ['oss://fin-1'] }, { match: ['oss://fin-2'] }],
    },
  ]);
  expect(JSON.parse(await run('hold', 'list', '--json')).matters).toMatchObject([
    { id: 'case', openings: [{ reason: 'a lawsuit' }, { reason: 'an audit' }] },
  ]);

  await world.open('case', second);
  expect((await rows())[1]).toEqual([...opened, '2', 'a lawsuit']);
  expect(await planned()).toMatchObject([{ held: 2, complete: true }]);
  await expect(world.open('case', second)).rejects.toThrow(
    /opened at \S+ by LTAIexample and at \S+ by LTAIexample, and open/,
  );
});

it('goes on with an opening while another matter cannot be read, and with a release only once it can', async () => {
  const world = await holdTestWorld(['fin-1', 'fin-2']);
  const a = await world.upload('fin-1', 'a');
  const b = await world.upload('fin-2', 'b');
  const held = () => Promise.all([world.isHeld('fin-1', 'a', a), world.isHeld('fin-2', 'b', b)]);
  const file = `decisions/matters/broken/opened-${'0'.repeat(64)}.json`;
  await expect(world.open('case', {}, killedAt('fin-2'))).rejects.toThrow('killed');
  await plainClient(world.cloud.url, 'evidence').put(file, Buffer.from('{}'));
  expect((await world.open('case', {})).json).toMatchObject({ held: 2, complete: true });
  expect(await held()).toEqual([true, true]);

  await world.release('broken');
  await expect(world.release('case', {}, killedAt('fin-2'))).rejects.toThrow('killed');
  const other = file.replace('broken', 'other');
  await plainClient(world.cloud.url, 'evidence').put(other, Buffer.from('{}'));
  await expect(world.release('case')).rejects.toMatchObject({ code: 'MATTER_MALFORMED' });
  expect(await held(), 'the first bucket was done before').toEqual([false, true]);
  await world.release('other');
  expect((await world.release('case')).json).toMatchObject({ lifted: 2, complete: true });
  expect(await held()).toEqual([false, false]);
});

it('shows in a plan what open matters hold, and apply takes such a plan', async () => {
  const world = await holdTestWorld();
  const run = (...args: string[]) =>
    runCli(args, { cwd: world.folder, env: cloudEnvironment(world.cloud.url) });
  expect((await run('plan')).stdout).not.toContain('matter');
  await world.upload('fin-1', 'a', { client: 'acme' });
  await world.open('case-1', { match: ['oss://fin-*/**'], tag: ['client=acme'] });
  await world.open('case-2', { match: ['oss://hr-1'] });
  await world.release('case-2');
  const shown = await run('plan', '--out', 'plan.json');
  expect(shown.stdout.replaceAll('\n', ' ')).toMatch(
    /held by matter case-1 since 2026-11-20T10:00:[\d.]+Z: 1 version held, and uploads to oss:\/\/fin-\*\/\*\* with tag client=acme /,
  );
  expect(shown.stdout).not.toContain('case-2');
  const printed = JSON.parse((await run('plan', '--json')).stdout);
  expect(printed.matters).toMatchObject({ open: [{ id: 'case-1', held: 1, complete: true }], unknown: [] });
  expect(await run('apply', 'plan.json')).toMatchObject({ code: 0 });
  await plainClient(world.cloud.url, 'evidence').put(
    `decisions/matters/case-3/opened-${'0'.repeat(64)}.json`,
    Buffer.from('{}'),
  );
  const unknown = await run('plan');
  expect(unknown).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('MATTER_MALFORMED what open matters hold is not known'),
  });
  const machine = await run('plan', '--json', '--detailed-exitcode');
  expect(machine.code).toBe(1);
  expect(JSON.parse(machine.stdout).matters.unknown).toMatchObject([{ code: 'MATTER_MALFORMED' }]);
});
