import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { folderWith, runCli, startCli } from '../support/cli.ts';
import { putInPlace } from '../support/put-in-place.ts';

const rulesFor = (retain: string) => `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: ledger, match: { bucket: fin-eu }, retain: ${retain} }
`;

const casesUntil = (until: string) => `version: 1
now: 2026-11-20T10:00:00Z
cases:
  - { name: kept, given: { object: oss://fin-eu/a }, expect: { action: protect, until: ${until} } }
`;

/** Returns what waits for the next line that matches; it fails when the stream ends before. */
function linesOf(stream: Readable) {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return async (wanted: RegExp): Promise<void> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`the command ended without a line like ${wanted}`);
      if (wanted.test(value)) return;
    }
  };
}

it('test --watch runs again at each change of either file, waits while one is broken, and Ctrl-C ends it with 0', async () => {
  const cwd = folderWith({ 'rules.yaml': rulesFor('7y'), 'rules.test.yaml': casesUntil('in 7y') });
  const child = startCli(['test', '--watch'], { cwd });
  const said = linesOf(child.stdout);
  const noted = linesOf(child.stderr);
  await said(/^1 case, none failed; 1 of 1 rule covered$/);
  await noted(/^waiting for a change of rules\.yaml or rules\.test\.yaml; Ctrl-C ends it$/);

  putInPlace(join(cwd, 'rules.yaml'), rulesFor('6y'));
  await said(/^1 case, 1 failed; /);

  putInPlace(join(cwd, 'rules.test.yaml'), casesUntil('in 6y'));
  await said(/^1 case, none failed; /);

  putInPlace(join(cwd, 'rules.yaml'), 'version: 1\nobjekts: []\n');
  await noted(/unknown key "objekts"/);
  await noted(/^waiting for a change/);

  putInPlace(join(cwd, 'rules.yaml'), rulesFor('5y'));
  await said(/^1 case, 1 failed; /);

  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

it.each([
  ['standard input', ['-'], 'standard input cannot be watched'],
  ['JSON', ['--json'], "'--watch' cannot be used with option '--json'"],
])('test --watch refuses %s', async (_, args, reason) => {
  const { code, stdout, stderr } = await runCli(['test', '--watch', ...args]);
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(reason); // with --json an error is a document on standard output
});

it('test --watch fails when the folder of a file is not there', async () => {
  const { code, stderr } = await runCli(['test', '--watch', 'nowhere/rules.test.yaml'], {
    cwd: folderWith({ 'rules.yaml': rulesFor('7y') }),
  });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error FILE_UNREADABLE: /) });
});
