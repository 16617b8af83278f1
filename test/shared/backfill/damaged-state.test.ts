import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fileCheckpoint } from '../../../shared/backfill/checkpoint.ts';
import { listingSource } from '../../../shared/backfill/source.ts';
import { emptyTally } from '../../../shared/backfill/tally.ts';
import { type FanOutPlan, loadPlan } from '../../../shared/fan-out/plan.ts';
import { keepResult, readLines, readResult } from '../../../shared/fan-out/result.ts';
import { openRun } from '../../../shared/fan-out/state.ts';
import { HoldfastError, hasCode } from '../../../shared/platform/errors.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import { etag, type StorageReads } from '../../../shared/storage/port.ts';

// What a run keeps may be damaged. Each reader of it gives a value or a coded error, never the error of a library.

const storage = createOssStorage({
  region: 'cn-hangzhou',
  endpoint: 'http://127.0.0.1:1', // nothing is asked: a cursor is read before the first request
  credentials: { accessKeyId: 'i', accessKeySecret: 's' },
});
afterAll(() => storage.close());

const firstShard = (cursor: string) =>
  listingSource(storage, 'records', '').shards(cursor)[Symbol.asyncIterator]().next();

describe('a place in a list of versions that is none', () => {
  it.each([
    '',
    'end of the list',
    'null',
    '7',
    '[]',
    '{}',
    '{"key-marker":7}',
    '{"key-marker":null}',
    '{"key-marker":"a","version-id-marker":7}',
    '{"key-marker":"a","version-id-marker":null}',
    '{"version-id-marker":"v"}',
    '{"key-marker":"a"',
    '\u0000',
  ])('%j', async (cursor) => {
    const code = { code: 'CURSOR_INVALID' };
    await expect(firstShard(cursor)).rejects.toMatchObject(code);
    await expect(storage.listVersions('records', '', cursor).first()).rejects.toMatchObject(code);
  });

  it('is shown as one line, and not whole', async () => {
    const cursor = `\u001b[2J\n${'x'.repeat(5000)}`;
    const error: unknown = await firstShard(cursor).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CURSOR_INVALID', message: expect.not.stringMatching(/\p{Cc}/u) });
    expect(String(error).length).toBeLessThan(500);
  });

  it('any text is a place or has the code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (cursor) => {
        const error: unknown = await firstShard(cursor).catch((thrown: unknown) => thrown);
        if (cursor !== 'end') expect(error).toBeInstanceOf(HoldfastError);
      }),
      { numRuns: 100 },
    );
  });
});

const folder = { bucket: 'kept', prefix: 'failed/fan-out/x/1/' };
const run = {
  bucket: 'records',
  prefix: '',
  source: 'listing',
  keysEncoded: false,
  dryRun: false,
  repair: false,
  folder,
};

/** What is kept, with any part of it replaced by something else. */
const sound = {
  plan: { version: 2, run, shards: [{ kind: 'listing', cursor: '{"key-marker":"a"}' }] },
  state: { version: 1, generation: 1, attempt: 0, ended: false },
  checkpoint: {
    version: 1,
    run: { bucket: 'records' },
    position: '{"key-marker":"a"}',
    tally: {},
    report: { lines: 0, table: 0 },
    requests: 0,
    elapsedMs: 0,
  },
};

/** A reader of what another writer left in the bucket. */
const bucketWith = (text: string): Pick<StorageReads, 'cloud' | 'readText'> => ({
  cloud: 'oss',
  readText: () => Promise.resolve({ text, etag: etag('"E"') }),
});

const damaged = (whole: object): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .tuple(fc.constantFrom(...Object.keys(whole)), fc.jsonValue())
      .map(([name, value]) => JSON.stringify({ ...whole, [name]: value })),
    fc.nat(JSON.stringify(whole).length).map((length) => JSON.stringify(whole).slice(0, length)),
  );

async function isValueOrCoded(read: Promise<unknown>): Promise<void> {
  const error: unknown = await read.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const known =
    error === undefined || hasCode(error, 'CHECKPOINT_UNUSABLE') || hasCode(error, 'CHECKPOINT_MISMATCH');
  expect(known, String(error)).toBe(true);
}

it('a result counts for the plan and the shard that it names, and for no other', async () => {
  const range = { kind: 'listing' as const };
  const plan: FanOutPlan = { run, shards: [range], hash: 'a'.repeat(64) };
  let text = '';
  const writes = {
    writeText: (_at: unknown, written: string) => {
      text = written;
      return Promise.resolve({ sent: true, requestId: undefined });
    },
  };
  const result = { rows: 0, finishedAt: new Date(0), tally: emptyTally, parts: 0, requests: 1, elapsedMs: 1 };
  await keepResult(writes, { plan, number: 0, range }, result);
  const read = (changes: object) =>
    readResult(bucketWith(JSON.stringify({ ...JSON.parse(text), ...changes })), { plan, number: 0, range });
  expect(await read({})).toMatchObject({ plan: plan.hash, requests: 1 });
  expect(await read({ plan: 'b'.repeat(64) })).toBeUndefined();
  expect(await read({ shard: '0'.repeat(16) })).toBeUndefined();
  expect(await read({ rows: 1 })).toBeUndefined();
});

describe('what a run has kept, damaged in any way, is read or refused with a code', () => {
  it('the plan of a run', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(sound.plan), (text) => isValueOrCoded(loadPlan(bucketWith(text), folder))),
    );
  });

  it('the state of a run', async () => {
    const writes = { writeText: () => Promise.resolve({ sent: true, requestId: undefined }) };
    await fc.assert(
      fc.asyncProperty(damaged(sound.state), (text) =>
        isValueOrCoded(openRun({ ...storage, ...bucketWith(text), ...writes }, folder, false)),
      ),
    );
  });

  it('the result and the lines of a shard', async () => {
    const plan = { run, shards: [{ kind: 'listing' as const }] as const, hash: 'a'.repeat(64) };
    await fc.assert(
      fc.asyncProperty(
        damaged({ version: 2, plan: plan.hash, shard: 's', rows: 0, tally: {} }),
        async (text) => {
          const range = plan.shards[0];
          expect(
            await readResult(bucketWith(text), { plan: { ...plan, shards: [range] }, number: 0, range }),
          ).toBe(undefined);
          const lines = async () => {
            for await (const _ of readLines(bucketWith(text), folder, 0, 1));
          };
          await isValueOrCoded(lines());
        },
      ),
    );
  });

  it('the checkpoint of a run on this machine', async () => {
    const place = mkdtempSync(join(tmpdir(), 'holdfast-damaged-'));
    const file = join(place, 'checkpoint.json');
    await fc.assert(
      fc.asyncProperty(damaged(sound.checkpoint), async (text) => {
        writeFileSync(file, text);
        await isValueOrCoded(fileCheckpoint(file).load(sound.checkpoint.run));
      }),
    );
    rmSync(place, { recursive: true });
  });
});
