import { describe, expect, it } from 'vitest';
import type { KnownVersion, Shard, Source } from '../../../shared/backfill/source.ts';
import type { HoldPassDeps, WorkedVersion } from '../../../shared/holds/deps.ts';
import type { WorkOnVersion } from '../../../shared/holds/hold-version.ts';
import { type HoldPosition, type HoldWork, passOverVersions } from '../../../shared/holds/pass.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { holdRules } from '../../support/hold-world.ts';
import { minutes, validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';
import { storedVersions } from '../../support/stored-versions.ts';

const lost = failure('UNREACHABLE', { operation: 'x', target: 'oss://hr-1', endpoint: 'e', reason: 'reset' });
const row = (key: string, type = 'Normal'): KnownVersion => ({
  ...{
    bucket: 'hr-1',
    key,
    versionId: versionId(`v-${key}`),
    lastModified: minutes(0),
    inventory: true,
    type,
  },
});
const shards: readonly Shard[] = [
  { versions: [row('a'), row('m', 'delete-marker'), row('x')], end: '1', done: undefined },
  { versions: [row('b')], end: '2', done: undefined },
];

/** An inventory of hr-1 in two shards, which fails behind the first where it is said so; `begun` are the positions it was read from. */
function inventoryOf(fails = false) {
  const begun: (string | undefined)[] = [];
  const source: Source = {
    async *shards(from) {
      begun.push(from);
      for (const shard of shards.slice(Number(from ?? 0))) {
        if (fails && shard.end === '2') throw await Promise.resolve(lost);
        yield shard;
      }
    },
  };
  const scopes = [validScope({ match: ['oss://hr-*', '!oss://hr-*/x'] })];
  return { begun, inventory: { bucket: 'hr-1', source, matter: 'case-1', scopes } };
}

const deps: HoldPassDeps = {
  storage: {
    ...storedVersions([], { lastModified: minutes(0) }).storage,
    holds: undefined,
    putRetention: () => Promise.reject(new Error('nobody writes here')),
    listVersions: (bucket) =>
      bucket === 'hr-1'
        ? listing(() => Promise.reject(new Error('the bucket of the inventory is not listed')))
        : listing(() => Promise.resolve({ items: [], next: undefined })),
  },
  ...{ rules: validRules(holdRules), clock: { now: () => minutes(0) }, concurrency: 1 },
  signal: new AbortController().signal,
};
const work: WorkOnVersion = ({ bucket, key, versionId: id }) =>
  Promise.resolve({ bucket, key, versionId: id, action: 'hold', matters: [], result: 'held' });
const finish = (done: readonly WorkedVersion[]) => Promise.resolve({ lines: done.map(({ line }) => line) });
const held: HoldWork = { work, finish };

interface Given {
  readonly buckets?: readonly string[];
  readonly from?: HoldPosition;
  readonly fails?: boolean;
}

/** Runs a pass by the inventory to its end. */
async function run(work: HoldWork, { buckets = ['hr-1', 'hr-2'], from, fails }: Given = {}) {
  const { begun, inventory } = inventoryOf(fails);
  const targets = { buckets: buckets.map((bucket) => ({ bucket, prefix: 'p' })), elsewhere: [] };
  const pages: unknown[] = [];
  for await (const page of passOverVersions(deps, targets, work, from, inventory)) {
    pages.push('error' in page ? page : { ...page, lines: page.lines.map(({ key }) => key) });
  }
  return { pages, begun };
}

const first = { lines: ['a'], looked: 2, next: { bucket: 'hr-1', cursor: '1' } };
const second = { lines: ['b'], looked: 1, next: { bucket: 'hr-1', cursor: '2' } };
const behind = { lines: [], looked: 0, next: { bucket: 'hr-2' } };
const other = { lines: [], looked: 0, next: undefined };

describe('a pass by an inventory', () => {
  it('takes the versions of its bucket from the rows, and lists the others', async () => {
    const { pages, begun } = await run(held);
    expect(pages).toEqual([first, second, behind, other]);
    expect(begun).toEqual([undefined]);
  });

  it('ends with its last shard where no bucket comes behind', async () => {
    expect((await run(held, { buckets: ['hr-1'] })).pages).toEqual([first, second]);
  });

  it('goes on at the shard where it was stopped, and reads none behind its bucket', async () => {
    const within = await run(held, { from: { bucket: 'hr-1', cursor: '1' } });
    expect(within).toEqual({ pages: [second, behind, other], begun: ['1'] });
    expect(await run(held, { from: { bucket: 'hr-2' } })).toEqual({ pages: [other], begun: [] });
  });

  it('calls what is to be done before and behind each shard, with what was worked on', async () => {
    const told: string[] = [];
    const { pages } = await run({
      begin: () => Promise.resolve(void told.push('begin')),
      work: (version) => work(version).finally(() => told.push(version.key)),
      finish(done: readonly WorkedVersion[]) {
        told.push(`finish ${done.map(({ version, line }) => `${version.key} ${line.result}`).join()}`);
        return Promise.resolve({ lines: [] });
      },
    });
    expect(pages.slice(0, 2)).toEqual([
      { ...first, lines: [] },
      { ...second, lines: [] },
    ]);
    expect(told.slice(0, 6)).toEqual(['begin', 'a', 'finish a held', 'begin', 'b', 'finish b held']);
  });

  it('tells of a shard that has to be repeated, and stops there', async () => {
    const failing = (done: readonly WorkedVersion[]) =>
      Promise.resolve({ lines: done.map(({ line }) => line), error: lost });
    expect((await run({ work, finish: failing })).pages.slice(0, 2)).toEqual([
      { ...first, next: undefined },
      { bucket: 'hr-1', error: lost },
    ]);
  });

  it('names its bucket when it cannot be read to its end, and goes on with the next', async () => {
    const { pages } = await run(held, { fails: true });
    expect(pages).toEqual([first, { bucket: 'hr-1', error: lost }, other]);
  });
});
