import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fillWithOneBad, stopAfter } from '../support/protect-stopped.ts';
import { protectWorld } from '../support/protect-world.ts';

it('Ctrl-C ends it cleanly, says how to go on, and nothing is lost', async () => {
  const world = await protectWorld();
  const uploaded = await fillWithOneBad(world, 300);
  const rows = uploaded.map(([key, id]) => `records,${encodeURIComponent(key)},${id}\n`);
  const files = [0, 50, 100, 150, 200, 250].map((from) => rows.slice(from, from + 50).join(''));
  const url = await world.inventory([...files, rows.slice(300).join('')], {
    schema: 'Bucket, Key, VersionId',
  });
  const args = ['oss://records', '--inventory', url, '--report', 'report.jsonl'];
  const { code, stderr } = await stopAfter(world, 250, 'SIGINT', args);
  expect(code).toBe(130);
  expect(stderr).toContain('interrupted: what was begun is finished or kept in .holdfast/');
  const kept = readdirSync(join(world.folder, '.holdfast'));
  expect(kept.some((name) => name.endsWith('.checkpoint.json'))).toBe(true);
  const again = await world.run(...args);
  expect(again.stderr).toMatch(/going on after \d+ versions/);
  expect(again.stdout).toContain('301 versions, 300 changed, 1 failed');
  expect(world.report().map(({ key }) => key)).toEqual(uploaded.map(([key]) => key));
});
