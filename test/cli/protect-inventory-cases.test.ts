import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { retainedUntil } from '../../local/plain-client.ts';
import { type ProtectWorld, protectWorld } from '../support/protect-world.ts';

const report = ['--report', 'report.jsonl'];

/** An inventory from public reports, its rows with the ids of versions that exist here. */
async function inventoryCase(world: ProtectWorld, name: string, id: string): Promise<string> {
  const folder = join('test/fixtures/inventory', name);
  const { files: _unfilled, ...manifest } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const rows = readFileSync(join(folder, 'data.csv'), 'utf8').replace('"VERSION"', `"${id}"`);
  return await world.inventory([rows], { manifest });
}

describe('an inventory as OSS writes it', () => {
  it.each([
    ['date-hyphen', 'plain/a.xml'],
    ['crc64-upper', 'plain/a.xml'],
    ['plus-for-space', 'plain/my report 2026.pdf'],
  ])('%s is read, and its version protected', async (name, key) => {
    const world = await protectWorld();
    const id = await world.upload(key);
    const url = await inventoryCase(world, name, id);
    const { code, stderr } = await world.run('oss://records', '--inventory', url, ...report);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await retainedUntil(world.client, key, id)).toBeDefined();
  });
});
