import { expect, it } from 'vitest';
import * as z from 'zod';
import { plainClient } from '../../local/plain-client.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { day } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { holdRules, holdTestWorld, killedAt } from '../support/hold-world.ts';
import { validRules } from '../support/rules-file.ts';

/** A world in which buckets stop to offer legal holds, and offer them again. */
async function switchedWorld(buckets: readonly string[], rulesText = holdRules) {
  const world = await holdTestWorld(buckets, rulesText);
  const { faults } = world.cloud.oss;
  return {
    ...world,
    /** @param skip requests that are still answered, of each call */
    offerNone(bucket: string, { skip = 0, code = 'NotImplemented', calls = ['Put', 'Get'] } = {}) {
      for (const call of calls)
        faults.add({ operation: `${call}ObjectLegalHold`, bucket, skip, effect: { status: 501, code } });
    },
    offerAll: () => faults.clear(),
    until: async (bucket: string, key: string, id: string) =>
      (await world.storage.getRetention({ bucket, key, versionId: versionId(id) }))?.until.toISOString(),
    async verified() {
      const { findings } = await verifyAudit({
        storage: world.storage,
        place: { bucket: 'evidence', prefix: 'decisions/' },
        now: world.cloud.time.now(),
        rules: validRules(rulesText),
        onFinding: (finding) => expect(finding).toBeUndefined(),
      });
      return findings;
    },
  };
}

/** The first generation of a version that was uploaded when the world began: the clock of the cloud runs on meanwhile. */
const generationEnd = /^2027-02-18T10:\d\d:\d\d.000Z$/;

it('keeps by retention what a bucket takes no hold of, and says of a release when that ends', async () => {
  const world = await switchedWorld(['fin-1', 'fin-2']);
  const a = await world.upload('fin-1', 'a');
  const b = await world.upload('fin-2', 'b');
  world.offerNone('fin-2');
  const dry = await world.open('case', { dryRun: true });
  expect(dry).toMatchObject({ exitCode: 0, json: { held: 1, retained: 1, withoutHolds: ['fin-2'] } });
  expect(dry.text).toMatch(
    /1 version would be kept by retention until 2027-02-18T10:\S+Z: oss:\/\/fin-2 takes no legal hold/,
  );
  expect(await world.until('fin-2', 'b', b)).toBeUndefined();
  const opened = await world.open('case', {});
  expect(opened).toMatchObject({
    exitCode: 0,
    json: { held: 1, retained: 1, overCap: 0, withoutHolds: ['fin-2'], complete: true },
  });
  expect(opened.text).toMatch(
    /1 version kept by retention until 2027-02-18T10:\S+Z: oss:\/\/fin-2 takes no legal hold/,
  );
  expect(opened.text).toContain(
    '--again`: without that inventory let one of the two commands run every 30 days',
  );
  expect([await world.isHeld('fin-1', 'a', a), await world.until('fin-1', 'a', a)]).toEqual([
    true,
    undefined,
  ]);
  // Last-Modified and 90 days
  const end = await world.until('fin-2', 'b', b);
  expect(end).toMatch(generationEnd);
  const released = await world.release('case');
  expect(released.json).toMatchObject({
    ...{ lifted: 1, retained: 1, 'not-asked': 0, deletableNow: 1, complete: true },
    nextDeletable: new Date(end ?? 0),
  });
  expect(released.text).toContain('1 version had no hold to take off: retention kept it');
  expect(released.text).toMatch(/1 version can be deleted from 2027-02-18T10:\S+Z on/);
  expect(await world.verified()).toBe(0);
});

it('renews generations while the matter is open, and says where the cap is passed', async () => {
  const world = await switchedWorld(
    ['fin-1'],
    holdRules.replace('10y', '1y').replaceAll('retain: 1y', 'retain: 30d'),
  );
  const id = await world.upload('fin-1', 'a');
  world.offerNone('fin-1', { code: 'InvalidRequest' });
  const lengths: number[] = [];
  const overCap: unknown[] = [];
  await world.open('case', {});
  for (let run = 0; run < 13; run += 1) {
    const { text, json } = await world.open('case', { again: true });
    const [until = ''] = [await world.until('fin-1', 'a', id)];
    const now = world.cloud.time.now().getTime();
    expect(Date.parse(until), 'never unprotected').toBeGreaterThan(now);
    expect(Date.parse(until), 'two generations at most').toBeLessThanOrEqual(now + 180 * day);
    lengths.push(Math.round((Date.parse(until) - Date.parse('2026-11-20T10:00:00Z')) / day));
    expect(json).toMatchObject({ held: 0, retained: 1, complete: true });
    overCap.push(text.includes('1 version kept longer than limits.maxRetention'));
    await world.cloud.advance(40 * day);
  }
  expect([...new Set(lengths)]).toEqual([90, 180, 270, 360, 450, 540, 630].slice(0, new Set(lengths).size));
  expect(new Set(lengths).size).toBeGreaterThan(5);
  expect(overCap).toContain(true);
  expect(overCap.indexOf(true)).toBe(lengths.findIndex((days) => days > 365));
  expect(await world.verified()).toBe(0);
});

it('says of each version what a bucket that stops to take holds has left', async () => {
  const world = await switchedWorld(['fin-1']);
  const ids = new Map<string, string>();
  for (const key of ['a', 'b', 'c']) ids.set(key, await world.upload('fin-1', key));
  const idOf = (key: string) => ids.get(key) ?? '';
  const held = () => Promise.all(['a', 'b', 'c'].map((key) => world.isHeld('fin-1', key, idOf(key))));
  await world.open('case', {});
  // It neither takes a hold off nor tells of one.
  await world.upload('fin-1', 'later'); // no function of this cloud holds it
  world.offerNone('fin-1');
  const blind = await world.release('case');
  expect(blind).toMatchObject({
    exitCode: 1,
    json: { lifted: 0, failed: 3, 'not-held': 0, 'not-asked': 1, complete: false },
  });
  expect(blind.text).toContain('HOLD_NOT_LIFTED 4 versions: ');
  world.offerAll();
  expect(await held()).toEqual([true, true, true]);
  // It tells of holds, and stops taking them off behind the first.
  world.offerNone('fin-1', { skip: 1, calls: ['Put'] });
  const stopped = await world.release('case', { concurrency: 1 });
  expect(stopped).toMatchObject({ exitCode: 1, json: { lifted: 1, failed: 2, complete: false } });
  world.offerAll();
  expect(await held()).toEqual([false, true, true]);
  expect((await world.release('case')).json).toMatchObject({
    ...{ lifted: 2, 'off-already': 2, deletableNow: 4, complete: true },
  });
  expect(await held()).toEqual([false, false, false]);
  expect(await world.verified()).toBe(0);
});

it('keeps by retention the rest of a bucket that stops to take holds while a matter is opened', async () => {
  const world = await switchedWorld(['fin-1']);
  const [a, b] = [await world.upload('fin-1', 'a'), await world.upload('fin-1', 'b')];
  world.offerNone('fin-1', { skip: 1 });
  const opened = await world.open('case', { concurrency: 1 });
  expect(opened.json).toMatchObject({ held: 1, retained: 1 });
  expect(opened.text).toContain('oss://fin-1 took holds of some versions and then refused one');
  expect(opened.text).toContain(
    '`holdfast hold open case … --again` puts them on where it takes them by then',
  );
  // A release that cannot ask does not know which of them is held.
  const blind = await world.release('case');
  expect(blind).toMatchObject({ exitCode: 1, json: { failed: 1, retained: 1, 'not-asked': 0 } });
  world.offerAll();
  expect(await world.isHeld('fin-1', 'a', a)).toBe(true);
  const end = await world.until('fin-1', 'b', b);
  expect(end).toMatch(generationEnd);
  expect((await world.release('case')).json).toMatchObject({
    lifted: 1,
    'off-already': 0,
    retained: 1,
    nextDeletable: new Date(end ?? 0),
  });
  expect(await world.until('fin-1', 'b', b)).toBe(end);
});

it('a dry run cannot see that a bucket tells of holds and takes none, and says so', async () => {
  const world = await switchedWorld(['fin-1']);
  await world.upload('fin-1', 'a');
  world.offerNone('fin-1', { calls: ['Put'] });
  const dry = await world.open('case', { dryRun: true });
  expect(dry.json).toMatchObject({ held: 1, retained: 0 });
  expect(dry.text).toContain('a bucket that tells of holds and takes none shows only when one is put');
  const opened = await world.open('case', {});
  expect(opened.json).toMatchObject({ held: 0, retained: 1 });
  expect(opened.text).toContain('oss://fin-1 takes no legal hold');
  expect(opened.text).not.toContain('shows only when');
});

it('keeps by retention for another matter what it cannot hold again', async () => {
  const world = await switchedWorld(['fin-1']);
  const id = await world.upload('fin-1', 'a');
  await world.open('one', {});
  await world.open('two', {});
  world.offerNone('fin-1');
  expect((await world.release('one')).json).toMatchObject({ kept: 1, 'not-held': 0, failed: 0 });
  expect(await world.until('fin-1', 'a', id)).toMatch(generationEnd);
});

it('ends the release of a matter whose opening was stopped before it told that a bucket takes no holds', async () => {
  const world = await switchedWorld(['fin-1', 'fin-2']);
  const id = await world.upload('fin-1', 'a', { client: 'acme' });
  await world.upload('fin-1', 'other');
  const b = await world.upload('fin-2', 'b', { client: 'acme' });
  world.offerNone('fin-1');
  const given = { tag: ['client=acme'] };
  await expect(world.open('case', given, killedAt('fin-2'))).rejects.toThrow('killed');
  const end = await world.until('fin-1', 'a', id);
  expect(end).toMatch(generationEnd);
  expect(await world.release('case')).toMatchObject({
    exitCode: 0,
    json: { retained: 1, 'not-asked': 0, 'not-held': 1, nextDeletable: new Date(end ?? 0), complete: true },
  });
  await expect(world.release('case')).rejects.toMatchObject({ code: 'MATTER_RELEASED' });
  expect(await world.isHeld('fin-2', 'b', b)).toBe(false);
});

it('ends a release over a bucket that had nothing when its matter was opened, and takes no holds', async () => {
  const world = await switchedWorld(['fin-1', 'fin-2']);
  const a = await world.upload('fin-1', 'a');
  world.offerNone('fin-2');
  expect((await world.open('case', {})).json).toMatchObject({ held: 1 });
  await world.upload('fin-2', 'b'); // no function of this cloud keeps it
  expect((await world.release('case')).json).toMatchObject({ lifted: 1, 'not-held': 1, complete: true });
  expect(await world.isHeld('fin-1', 'a', a)).toBe(false);
});

it('a dry run says what the bucket would do: it takes holds, or neither, or the cap is passed', async () => {
  const world = await switchedWorld(
    ['fin-1', 'fin-2'],
    holdRules.replace('10y', '1y').replaceAll('retain: 1y', 'retain: 30d'),
  );
  await plainClient(world.cloud.url, 'fin-0').putBucket('fin-0'); // without ObjectWorm
  for (const bucket of ['fin-0', 'fin-1', 'fin-2']) await world.upload(bucket, 'a');
  await world.cloud.advance(380 * day);
  world.offerNone('fin-2');
  const dry = await world.open('case', { dryRun: true });
  expect(dry.json).toMatchObject({ held: 1, retained: 1, 'not-offered': 1, overCap: 1, complete: false });
  expect(dry.text).toContain('1 version would be kept longer than limits.maxRetention');
  const { json } = await world.open('case', {});
  expect(json).toMatchObject({ held: 1, retained: 1, 'not-offered': 1, overCap: 1, complete: false });
  expect(json).toMatchObject(untilOf(dry.json));
});

/** The ends of retention that a report says. */
const untilOf = (json: unknown) =>
  z.object({ firstRetainedUntil: z.date(), lastRetainedUntil: z.date() }).parse(json);
