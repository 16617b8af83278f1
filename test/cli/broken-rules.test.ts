import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';

/** Broken rules files, and beside each what `holdfast validate` says of it. */
const folder = 'test/fixtures/broken-rules';
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** What one run says of all of them. */
async function validateAll() {
  const { code, stdout } = await runCli(['validate', ...files], { cwd: folder });
  const reports = stdout.split(/(?<=^\d+ mistakes?\n)/m);
  return { code, reports };
}

describe('holdfast validate, of broken rules files', () => {
  let run: ReturnType<typeof validateAll> | undefined;
  const said = () => {
    run ??= validateAll();
    return run;
  };

  it('there are fifty at least, each has mistakes, and the exit code is 2', async () => {
    const { code, reports } = await said();
    expect(files.length).toBeGreaterThanOrEqual(50);
    expect(reports).toHaveLength(files.length);
    expect(code).toBe(2);
  });

  it.each(files.map((file, index) => [file, index] as const))('%s', async (file, index) => {
    const { reports } = await said();
    expect(reports[index]).toBe(readFileSync(`${folder}/${file.replace('.yaml', '.txt')}`, 'utf8'));
  });
});
