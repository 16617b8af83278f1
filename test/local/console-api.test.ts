import { beforeAll, describe, expect, it } from 'vitest';
import { fillClouds } from '../../cli/local/demo.ts';
import { createPlainBucket, localTransport, uploadLocal } from '../../cli/local/store.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket } from '../../local/plain-client.ts';
import type { LettersView, VersionsPage, VersionView } from '../../local/views/shown.ts';
import { day, hour } from '../../shared/platform/instant.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { cloudWith } from '../support/cloud.ts';
import { timerTrigger } from '../support/functions.ts';
import { holdfastCloud, policyTimer } from '../support/holdfast-cloud.ts';

async function get<Shown>(cloud: Cloud, path: string): Promise<Shown> {
  const reply = await fetch(`${cloud.url}/_local/${path}`);
  expect(reply.status, path).toBe(200);
  return (await reply.json()) as Shown; // the answers that the page reads, by the same types
}

async function send(cloud: Cloud, method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const reply = await fetch(`${cloud.url}/_local/${path}`, init);
  const json: unknown = await reply.json();
  return { status: reply.status, body: json };
}

/** All versions of a bucket, page by page. */
async function pages(cloud: Cloud, query: string): Promise<VersionView[]> {
  const first = await get<VersionsPage>(cloud, `versions?${query}`);
  const found = [...first.versions];
  for (let { next } = first; next !== undefined; ) {
    const marker = new URLSearchParams({ 'key-marker': next.key, 'version-id-marker': next.versionId });
    const page = await get<VersionsPage>(cloud, `versions?${query}&${marker}`);
    found.push(...page.versions);
    next = page.next;
  }
  return found;
}

describe('the routes that the console reads', () => {
  it('tell of both clouds filled with the demo: buckets, versions, functions, dead letters', async () => {
    const cloud = await holdfastCloud(undefined, { clouds: ['oss', 'obs'] });
    await fillClouds(cloud, ['oss', 'obs']);
    const before = await get<unknown[]>(cloud, 'buckets');
    expect(before).toContainEqual(
      expect.objectContaining({
        cloud: 'oss',
        name: 'archive-2026',
        objectWorm: false,
        policy: expect.objectContaining({ state: 'InProgress', hoursToLock: expect.closeTo(24, 0) }),
      }),
    );
    expect(before).toContainEqual(
      expect.objectContaining({ cloud: 'obs', name: 'fin-eu', objectWorm: true, versioning: 'Enabled' }),
    );
    for (const of of ['oss', 'obs']) {
      const ledger = await pages(cloud, `cloud=${of}&bucket=fin-eu&prefix=ledger/q3.parquet`);
      expect(ledger).toEqual([
        expect.objectContaining({
          kind: 'version',
          key: 'ledger/q3.parquet',
          tags: { class: 'finance' },
          retention: { mode: 'COMPLIANCE', until: expect.stringMatching(/^2034-03-01T/) },
          legalHold: false,
          immutable: true,
        }),
      ]);
    }
    expect(await get(cloud, 'functions')).toContainEqual({
      cloud: 'oss',
      name: policyTimer,
      triggers: [{ name: 'every-15-minutes', type: 'timer', when: expect.any(String) }],
    });
    const { letters, total, places } = await get<LettersView>(cloud, 'letters');
    expect(places).toEqual(['oss://holdfast-dead-letters/dead-letters/']);
    expect(total).toBe(1);
    expect(letters).toEqual([
      expect.objectContaining({
        cloud: 'oss',
        bucket: 'holdfast-dead-letters',
        open: true,
        function: 'holdfast-object-created',
        error: expect.stringContaining('TAG_UNREADABLE'),
      }),
    ]);
    const requests = await get<{ operation: string }[]>(cloud, 'requests');
    const count = requests.length;
    await get<LettersView>(cloud, 'letters');
    expect(await get<unknown[]>(cloud, 'requests')).toHaveLength(count);
  });

  describe('versions', () => {
    let cloud: Cloud;
    const keys = ['<script>alert(1)</script>', 'a\nb', 'a\u202eb', '"&\'', 'ключ', 'z'];
    beforeAll(async () => {
      cloud = await startCloud({ clock: new Date('2027-03-01T10:00:00Z') });
      const transport = localTransport(cloud.url);
      const client = await createRetentionBucket(cloud.url, 'mine');
      for (const key of keys) {
        const content = { key, body: Buffer.from(key), tags: { class: 'a b' } };
        await uploadLocal(transport, 'mine', content);
        await uploadLocal(transport, 'mine', content);
      }
      await client.delete('z');
      await createPlainBucket(transport, 'plain');
      await uploadLocal(transport, 'plain', { key: 'only', body: Buffer.from('x'), tags: {} });
      return () => cloud.close();
    });

    it.each([1, 2, 5, 1000])(
      'come in pages of %i: each version once, in the order of a listing',
      async (limit) => {
        const all = await pages(cloud, `cloud=oss&bucket=mine&limit=${limit}`);
        const order = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
        const wanted = order.flatMap((key) => (key === 'z' ? [key, key, key] : [key, key]));
        expect(all.map(({ key }) => key)).toEqual(wanted);
        expect(new Set(all.map(({ key, versionId }) => `${versionId} ${key}`)).size).toBe(13);
        expect(all.filter(({ kind }) => kind === 'delete-marker')).toEqual([
          expect.objectContaining({ key: 'z', isLatest: true, size: 0, immutable: false }),
        ]);
      },
    );

    it('of a bucket without versioning are called null', async () => {
      expect(await pages(cloud, 'bucket=plain')).toEqual([
        expect.objectContaining({ key: 'only', versionId: 'null', size: 1, immutable: false }),
      ]);
    });

    it.each([
      ['versions?bucket=nothing', 404, 'there is no bucket oss://nothing'],
      ['versions', 404, 'there is no bucket oss://'],
      ['versions?cloud=obs&bucket=mine', 404, 'there is no bucket obs://mine'],
      ['versions?cloud=s3&bucket=mine', 404, 'there is no bucket s3://mine'],
      ['versions?bucket=mine&limit=0', 400, '"0" is no number of items'],
      ['versions?bucket=mine&limit=1001', 400, '"1001" is no number of items'],
      ['versions?bucket=mine&limit=x', 400, '"x" is no number of items'],
      ['invocations?limit=-1', 400, '"-1" is no number of items'],
      ['invocations?after=x', 400, '"x" is no id of an invocation'],
    ])('GET %s is refused, with what to do', async (path, status, words) => {
      expect(await send(cloud, 'GET', path)).toEqual({
        status,
        body: { error: expect.stringContaining(words), remedy: expect.any(String) },
      });
    });
  });

  it('invocations are bounded, and those after one are told', async () => {
    const code = 'exports.handler = async (event) => event;';
    const cloud = await cloudWith(
      { f: { code, triggers: [timerTrigger('0 0 * * * *')] } },
      { clock: new Date('2026-11-20T10:07:00Z') },
    );
    await cloud.advance(5 * hour);
    const ids = async (query: string) =>
      (await get<{ id: number }[]>(cloud, `invocations?${query}`)).map(({ id }) => id);
    expect(await ids('limit=2')).toEqual([4, 5]);
    expect(await ids('after=3')).toEqual([4, 5]);
    expect(await ids('after=1&limit=2')).toEqual([4, 5]);
    expect(await ids('after=5')).toEqual([]);
  });

  it('one fault is switched off and the others stay', async () => {
    const cloud = await cloudWith({});
    const slow = { effect: { delayMs: 1 } };
    const busy = { operation: 'PutObject', rate: 0.5, effect: { status: 503, code: 'ServiceUnavailable' } };
    await send(cloud, 'POST', 'faults', [slow, busy]);
    await send(cloud, 'POST', 'faults', { kind: 'instances', killRate: 0.5 });
    const kill = { kind: 'instances', killRate: 0.5, withinMs: 100, seed: 1 };
    expect(await get(cloud, 'faults')).toEqual([slow, busy, kill]);
    expect((await send(cloud, 'DELETE', 'faults', slow)).body).toEqual([busy, kill]);
    expect((await send(cloud, 'DELETE', 'faults', kill)).body).toEqual([busy]);
    expect(cloud.graph.weather.list()).toEqual([]);
    expect(await send(cloud, 'DELETE', 'faults', slow)).toMatchObject({
      status: 404,
      body: { error: 'no rule like this is in force' },
    });
    expect((await send(cloud, 'DELETE', 'faults')).body).toEqual([]);
  });

  it('the hours left to lock run out with the time', async () => {
    const cloud = await startCloud({ clock: new Date('2027-03-01T10:00:00Z') });
    try {
      const transport = localTransport(cloud.url);
      await createPlainBucket(transport, 'mine');
      await storageOver(transport).policies.initiatePolicy('mine', 30);
      const policy = async () => (await get<{ policy: unknown }[]>(cloud, 'buckets'))[0]?.policy;
      await cloud.advance(21 * hour);
      expect(await policy()).toMatchObject({ state: 'InProgress', hoursToLock: expect.closeTo(3, 1) });
      await cloud.advance(day);
      expect(await policy()).toEqual(expect.not.objectContaining({ hoursToLock: expect.anything() }));
      expect(await policy()).toMatchObject({ state: 'Expired', days: 30 });
    } finally {
      await cloud.close();
    }
  });
});
