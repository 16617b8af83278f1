import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runOnChange } from '../../../cli/files/run-on-change.ts';
import { folderWith } from '../../support/cli.ts';

/** Follows a file, and keeps what each run has read. Its timers pass when the test says so: `expect.poll` would let them pass, too. */
async function followed() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let isOver = false;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  onTestFinished(() => {
    isOver = true;
    stop();
    vi.useRealTimers();
  });
  const until = async (holds: () => boolean) => {
    while (!holds() && !isOver) await setImmediate();
  };
  const file = join(folderWith({ file: 'first' }), 'file');
  const read: string[] = [];
  void runOnChange(
    [file, join(file, '../never-there')],
    () => Promise.resolve(void read.push(readOf(file))),
    stopped,
  );
  await until(() => read.length === 1);
  return { file, read, until, changeSeen: () => until(() => vi.getTimerCount() === 1) };
}

function readOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'gone';
  }
}

const ways = [
  { how: 'emptied', begin: (file: string) => writeFileSync(file, ''), left: '' },
  { how: 'taken away', begin: (file: string) => rmSync(file), left: 'gone' },
];

it.each(ways)('a file that is $how and then written is read when it is written', async ({ begin }) => {
  const { file, read, until, changeSeen } = await followed();
  begin(file);
  await changeSeen();
  vi.advanceTimersByTime(500); // the machine is busy
  await setImmediate();
  expect(read).toEqual(['first']);
  writeFileSync(file, 'second');
  await until(() => {
    vi.advanceTimersByTime(50);
    return read.length > 1;
  });
  expect(read[1]).toBe('second'); // a change may be told of more than once
});

it.each(ways)('a file that is $how and stays so is read as it is', async ({ begin, left }) => {
  const { file, read, until, changeSeen } = await followed();
  begin(file);
  await changeSeen();
  vi.advanceTimersByTime(1500);
  await until(() => read.length > 1);
  expect(read[1]).toBe(left);
});

it('a file that is not there keeps no change of another waiting', async () => {
  const { file, read, until, changeSeen } = await followed();
  writeFileSync(file, 'second');
  await changeSeen();
  vi.advanceTimersByTime(50);
  await until(() => read.length > 1);
  expect(read[1]).toBe('second');
});
