import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { writeFirst } from '../../../shared/backfill/approach.ts';
import { forEachInPieces } from '../../../shared/backfill/pieces.ts';
import { openReport } from '../../../shared/backfill/report.ts';
import { observeShard } from '../../../shared/backfill/shard.ts';
import type { KnownVersion } from '../../../shared/backfill/source.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';
import { scriptedStorage } from '../../support/scripted-storage.ts';
import { temporaryFolder } from '../../support/store.ts';

// What waits for nothing is done with a hundred versions at a time: replies are taken in between.

const items = Array.from({ length: 1000 }, (_, index) => `key-${index}`);

afterEach(() => vi.restoreAllMocks());

/** Tells how often `done` was called within one turn of the event loop at most, while some work goes on. */
async function mostInOneTurn(work: (done: () => void) => Promise<unknown>): Promise<number> {
  let inTurn = 0;
  let most = 0;
  let over = false;
  const turn = () => {
    inTurn = 0;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await work(() => {
    inTurn += 1;
    most = Math.max(most, inTurn);
  });
  over = true;
  return most;
}

test('work with each item pauses every hundred items, and keeps their order', async () => {
  const worked: [string, number][] = [];
  const most = await mostInOneTurn((done) =>
    forEachInPieces(items, (item, index) => {
      worked.push([item, index]);
      done();
    }),
  );
  expect(most).toBe(100);
  expect(worked).toEqual(items.map((item, index) => [item, index]));
});

test('work ends with the first item that it throws at', async () => {
  const worked: string[] = [];
  const ended = forEachInPieces(items, (item) => {
    if (item === 'key-150') throw new Error('no');
    worked.push(item);
  });
  await expect(ended).rejects.toThrow('no');
  expect(worked).toHaveLength(150);
});

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: records }, retain: 1y }]
`);
const lastModified = new Date('2020-11-20T10:00:00Z');

test('a shard is observed in pieces', async () => {
  const { storage } = scriptedStorage();
  const clock = manualClock('2026-11-22T10:00:00Z');
  const deps = { storage, rules, clock, concurrency: 20, signal: new AbortController().signal };
  const most = await mostInOneTurn((done) => {
    const versions = items.map((key): KnownVersion => {
      const known = { bucket: 'records', key, versionId: versionId('v'), type: 'Normal' };
      return Object.defineProperty(known, 'lastModified', {
        get() {
          done();
          return lastModified;
        },
      });
    });
    return observeShard({ ...deps, approach: writeFirst() }, { versions, end: '1', done: undefined });
  });
  expect(most).toBeLessThan(500); // the date of each is read a few times
});

/** Calls `done` for each text of a version that is made. */
function onVersionText(done: () => void): void {
  const { stringify } = JSON;
  vi.spyOn(JSON, 'stringify').mockImplementation((value: unknown) => {
    const text = stringify(value);
    if (text.includes('"key":"key-')) done();
    return text;
  });
}

test('a report is written in pieces', async () => {
  const folder = temporaryFolder();
  const files = { lines: join(folder, 'r.jsonl'), table: join(folder, 'r.csv') };
  const most = await mostInOneTurn(async (done) => {
    const report = await openReport(files, { lines: 0, table: 0 });
    onVersionText(done);
    await report.append(items.map((key) => ({ result: 'protected', bucket: 'b', key })));
    await report.close();
  });
  expect(most).toBe(100);
});
