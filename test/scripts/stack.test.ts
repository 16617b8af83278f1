import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = 'dist/object-created';

/** Runs scripts/stack.js on the text of a log. */
const resolved = (text: string, ...args: string[]) =>
  spawnSync(process.execPath, ['scripts/stack.js', ...args], { input: text, encoding: 'utf8' });

/** Finds a text in the bundle, and says where it is as a stack does. */
function placeOf(words: string): string {
  const before = readFileSync(`${folder}/index.js`, 'utf8').split(words)[0] ?? '';
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

test('puts file and line of the source in the place of those of the bundle, and changes nothing else', () => {
  const words = 'is not a region id';
  const log = `TypeError: é\n    at a (/code/index.js:${placeOf(words)})\n    at node:internal/process:95:5\n`;
  const { stdout } = resolved(log, folder);
  const shown =
    /^TypeError: é\n {4}at a \((shared\/.*\.ts):(\d+):\d+\)\n {4}at node:internal\/process:95:5\n$/.exec(
      stdout,
    );
  const [, source = '', line] = shown ?? [];
  expect(readFileSync(source, 'utf8').split('\n')[Number(line) - 1]).toContain(words);
});

test.each([[[]], [['no-such-folder']]])(
  'without a folder that has a map it says what it needs: %j',
  (args) => {
    const { status, stdout, stderr } = resolved('x', ...args);
    expect({ status: status !== 0, stdout }).toEqual({ status: true, stdout: '' });
    expect(stderr).toMatch(/FOLDER|index\.js\.map/);
  },
);
