import { readFileSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainClient, retainedUntil } from '../../local/plain-client.ts';
import { type ProtectWorld, protectWorld, rulesText } from '../support/protect-world.ts';

const report = ['--report', 'report.jsonl'];
const day = 24 * 60 * 60 * 1000;

/** One version of every kind that the rules know, two days old; in the order of their keys. */
async function kinds(world: ProtectWorld) {
  const ids = {
    brief: await world.upload('brief/a'),
    none: await world.upload('none/a'),
    old: await world.upload('plain/a'),
    current: await world.upload('plain/a'),
    finance: await world.upload('tagged/a', { class: 'finance' }),
    other: await world.upload('tagged/b', { class: 'other' }),
    until: await world.upload('until/账 本+%', { until: '2030-01-01' }),
    bad: await world.upload('until/bad', { until: 'soon' }),
    far: await world.upload('until/far', { until: '2100-01-01' }),
  };
  await world.client.delete('plain/gone');
  await world.cloud.advance(2 * day);
  world.requests();
  return ids;
}

/** The days: the uploads of a busy machine take more than one second. */
const expected = { plain: '2027-11-20', finance: '2033-11-20', until: '2030-01-02' };
const dayOf = (instant: string) => instant.replace(/T.*/, '');

describe('holdfast protect', () => {
  it('is a repair on record when it went through a whole bucket, and says why when it is not', async () => {
    const world = await protectWorld(`${rulesText}deadLetters: oss://letters/kept/\n`);
    await world.upload('plain/a');
    const first = await world.run('oss://records', ...report);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr).toContain(
      'this repair of records is not on record: PutObject: bucket oss://letters does not exist',
    );

    const letters = plainClient(world.cloud.url, 'letters');
    await letters.putBucket('letters');
    const recorded = async () => (await letters.getBucketVersions({ prefix: 'kept/' })).objects ?? [];
    await world.run('oss://records/plain/', ...report);
    await world.run('oss://records', ...report, '--dry-run');
    expect(await recorded()).toEqual([]);
    await world.run('oss://records', ...report);
    expect(await recorded()).toMatchObject([{ name: 'kept/repairs/records.json' }]);
  });

  it('protects every version by the date that an event gives, and reports what failed', async () => {
    const world = await protectWorld();
    const ids = await kinds(world);
    const { code, stdout } = await world.run('oss://records', ...report, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      versions: 10,
      changed: 4,
      failed: 2,
      actions: { protected: 4, failed: 2, elapsed: 1, skipped: 1, 'no-rule': 2 },
    });
    const held = async (key: string, id: string) =>
      (await retainedUntil(world.client, key, id))?.toISOString().replace(/T.*/, '');
    expect(await held('plain/a', ids.old)).toBe(expected.plain);
    expect(await held('plain/a', ids.current)).toBe(expected.plain);
    expect(await held('tagged/a', ids.finance)).toBe(expected.finance);
    expect(await held('tagged/b', ids.other)).toBeUndefined();
    expect(await held('until/账 本+%', ids.until)).toBe(expected.until);
    expect(await held('until/far', ids.far)).toBeUndefined();
    const lines = world.report().map(({ result, key, versionId, retainUntil, code }) => {
      return [result, key, versionId, retainUntil === undefined ? code : dayOf(String(retainUntil))];
    });
    expect(new Set(lines.map((line) => line.join(' ')))).toEqual(
      new Set([
        `protected plain/a ${ids.old} ${expected.plain}`,
        `protected plain/a ${ids.current} ${expected.plain}`,
        `protected tagged/a ${ids.finance} ${expected.finance}`,
        `protected until/账 本+% ${ids.until} ${expected.until}`,
        `failed until/bad ${ids.bad} TAG_UNREADABLE`,
        `failed until/far ${ids.far} OVER_CAP`,
      ]),
    );
    const table = readFileSync(join(world.folder, 'report.csv'), 'utf8').trim().split('\n');
    expect(table[0]).toMatch(/^result,bucket,key,versionId,rule,/);
    expect(table).toHaveLength(7);
  });

  it('asks only for what it needs: no request without a rule, two for a write, tags where a rule reads them', async () => {
    const world = await protectWorld();
    await kinds(world);
    await world.run('oss://records', ...report);
    // Tags of the five under tagged/ and until/; HEAD of the four that are written.
    expect(world.requests()).toEqual({
      ListObjectVersions: 1,
      GetObjectTagging: 5,
      HeadObject: 4,
      PutObjectRetention: 4,
    });
    await world.run('oss://records', ...report);
    expect(world.requests()).toEqual({ ListObjectVersions: 1, GetObjectTagging: 5, HeadObject: 4 });
  });

  it('writes nothing in a dry run, and says what it would', async () => {
    const world = await protectWorld();
    await kinds(world);
    const { code, stdout } = await world.run('oss://records/plain/', '--dry-run', ...report);
    expect(code).toBe(0);
    expect(stdout).toContain('3 versions, 2 would change, none failed');
    expect(Object.keys(world.requests()).sort()).toEqual([
      'GetBucketObjectWormConfiguration',
      'HeadObject',
      'ListObjectVersions',
    ]);
    expect(world.report()).toEqual([
      expect.objectContaining({
        result: 'would-protect',
        key: 'plain/a',
        retainUntil: expect.stringContaining(expected.plain),
      }),
      expect.objectContaining({
        result: 'would-protect',
        key: 'plain/a',
        retainUntil: expect.stringContaining(expected.plain),
      }),
    ]);
  });

  it('changes nothing at all when more would change than is allowed', async () => {
    const world = await protectWorld();
    await kinds(world);
    const refused = await world.run('oss://records', '--max-objects', '3', ...report);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'error TOO_MANY_OBJECTS: more than 3 versions of oss://records would change',
    );
    expect(world.requests()['PutObjectRetention']).toBeUndefined();
    await world.run('oss://records', '--max-objects', '4', ...report);
    expect(world.requests()['PutObjectRetention']).toBe(4);
  });

  it('protects all of them when the service throttles and breaks connections, and repeats only what failed', async () => {
    const world = await protectWorld();
    for (let each = 0; each < 60; each += 1) await world.upload(`plain/${each}`);
    world.requests();
    const busy = { status: 503, code: 'TotalQpsLimitExceeded' };
    world.cloud.oss.faults.add({ operation: 'PutObjectRetention', rate: 0.4, times: 15, effect: busy });
    world.cloud.oss.faults.add({ operation: 'HeadObject', rate: 0.2, times: 5, effect: { reset: 'before' } });
    const { code, stdout } = await world.run('oss://records', ...report, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ changed: 60, failed: 0, requests: 1 + 60 + 5 + 60 + 15 });
    expect(world.requests()).toEqual({ ListObjectVersions: 1, HeadObject: 65, PutObjectRetention: 75 });
  });

  it('stores the report back to OSS', async () => {
    const world = await protectWorld();
    await kinds(world);
    const { stdout } = await world.run('oss://records/plain/', '--report', 'oss://lists/reports/', '--json');
    expect(JSON.parse(stdout).report.stored).toEqual([
      'oss://lists/reports/report-0001.jsonl',
      'oss://lists/reports/report-0001.csv',
      'oss://lists/reports/summary.json',
    ]);
    const { res } = await plainClient(world.cloud.url, 'lists').head('reports/report-0001.jsonl');
    expect(Number(res.headers['content-length'])).toBeGreaterThan(100);
  });

  it('ends at once with what every version would meet, and keeps the progress', async () => {
    const world = await protectWorld(rulesText.replaceAll('bucket: records', 'bucket: bare'));
    const bare = plainClient(world.cloud.url, 'bare');
    await bare.putBucket('bare');
    await bare.putBucketVersioning('bare', 'Enabled');
    for (let each = 0; each < 40; each += 1) await bare.put(`plain/${each}`, Buffer.from('x'));
    const { code, stderr } = await world.run('oss://bare', '--concurrency', '4', ...report);
    expect(code).toBe(1);
    expect(stderr).toContain('takes no retention: object lock is not enabled on bucket bare');
    expect(world.requests()['PutObjectRetention']).toBeLessThan(10);
  });

  it('says that the disk is full, and reports later what was done meanwhile', async () => {
    const world = await protectWorld();
    await kinds(world);
    const full = join(world.folder, 'report.jsonl');
    symlinkSync('/dev/full', full);
    const { code, stderr } = await world.run('oss://records/plain/', ...report);
    expect(code).toBe(1);
    expect(stderr).toContain('error REPORT_UNWRITABLE: cannot write the report report.jsonl: ENOSPC');
    expect(world.requests()['PutObjectRetention']).toBe(2);
    unlinkSync(full);
    expect((await world.run('oss://records/plain/', ...report)).code).toBe(0);
    expect(world.report().map(({ result, key }) => [result, key])).toEqual([
      ['protected', 'plain/a'],
      ['protected', 'plain/a'],
    ]);
  });

  it('refuses a checkpoint of other rules, and begins anew when told', async () => {
    const world = await protectWorld();
    await kinds(world);
    symlinkSync('/dev/full', join(world.folder, 'full.jsonl'));
    await world.run('oss://records/plain/', '--report', 'full.jsonl'); // leaves its checkpoint
    const other = await world.run('oss://records/plain/', ...report);
    expect(other.stderr).toContain('error CHECKPOINT_MISMATCH');
    expect(other.stderr).toContain('report was full.jsonl and is report.jsonl');
    expect((await world.run('oss://records/plain/', ...report, '--restart')).code).toBe(0);
  });

  it('begins at once after a run that has done nothing, such as one to a wrong endpoint', async () => {
    const world = await protectWorld();
    await kinds(world);
    const wrong = await world.run('oss://recordz/plain/', ...report, '--checkpoint', 'one.json');
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('error NO_SUCH_BUCKET') });
    expect((await world.run('oss://records/plain/', ...report, '--checkpoint', 'one.json')).code).toBe(0);
  });
});
