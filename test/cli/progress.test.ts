import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { progressLine } from '../../cli/terminal/progress.ts';
import { manualClock } from '../support/manual-clock.ts';

it('progress counts what it is about, and renews its line at most ten times a second', async () => {
  const clock = manualClock('2026-11-20T10:00:00Z');
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const line = progressLine(clock, stream);
  const show = (files: number) =>
    line.show({ versions: files, things: 'file', words: `${files} records`, done: undefined });
  show(1);
  show(2);
  await clock.sleep(1000);
  show(21);
  line.end();
  stream.end();
  const shown = (await text(stream)).split('\r\x1b[2K').slice(1);
  expect(shown).toEqual(['1 file, 1 records', '21 files, 21 records, 20/s\n']);
});

it('the rate is of what is counted now, not of what was counted before', async () => {
  const clock = manualClock('2026-11-20T10:00:00Z');
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const line = progressLine(clock, stream);
  const count = async (things: string, ...numbers: readonly number[]) => {
    for (const versions of numbers) {
      line.show({ versions, things, words: 'so far', done: undefined });
      await clock.sleep(1000);
    }
  };
  await count('version', 0, 1000);
  await count('file', 1, 51);
  line.end();
  stream.end();
  const shown = (await text(stream)).trimEnd().split('\r\x1b[2K').slice(1);
  expect(shown).toEqual([
    '0 versions, so far',
    '1000 versions, so far, 1000/s',
    '1 file, so far',
    '51 files, so far, 50/s',
  ]);
});

it('says no rate and no time left of what was done before anything was shown', async () => {
  const clock = manualClock('2026-11-20T10:00:00Z');
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const line = progressLine(clock, stream);
  line.show({ versions: 24, words: '24 may go', done: 1 });
  line.end();
  line.show({ versions: 30, words: '30 may go', done: 0.5 });
  await clock.sleep(1000);
  line.show({ versions: 54, words: '54 may go', done: 1 });
  line.end();
  stream.end();
  const shown = (await text(stream)).trimEnd().split('\r\x1b[2K').slice(1);
  expect(shown[0]).toBe('[========================] 100 %, 24 versions, 24 may go\n');
  expect(shown.at(-1)).toBe('[========================] 100 %, 54 versions, 54 may go, 30/s');
});
