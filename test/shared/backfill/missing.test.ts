import { describe, expect, it } from 'vitest';
import { inventoryWorld } from '../../support/inventory-world.ts';

const row = (key: string, id: string, tags = '') =>
  `records,"${key}","${id}","true","false","2026-11-20T09-00-00Z","${tags}"\n`;

describe('a version that an inventory names and that is not in the bucket', () => {
  it('is failed when its key left no trace at all', async () => {
    const world = await inventoryWorld();
    const id = await world.upload('elsewhere');
    const [known = expect.fail()] = await world.versions(await world.inventory([row('plain%2Fnever', id)]));
    await expect(world.observe(known)).rejects.toMatchObject({
      code: 'VERSION_NOT_FOUND',
      message: expect.stringContaining(`oss://records/plain/never?versionId=${id}`),
    });
  });

  it('is gone when another version, or a delete marker, shows that its key is right', async () => {
    const world = await inventoryWorld();
    const id = await world.upload('plain/a');
    await world.upload('plain/a');
    await world.client.delete('plain/a', { versionId: id } as never);
    const marked = await world.upload('plain/b');
    await world.client.delete('plain/b');
    await world.client.delete('plain/b', { versionId: marked } as never);
    const url = await world.inventory([row('plain%2Fa', id) + row('plain%2Fb', marked)]);
    for (const known of await world.versions(url)) {
      expect(await world.observe(known)).toMatchObject({
        outcome: { decision: { action: 'gone' }, errors: [] },
      });
    }
  });

  it('is gone on the word of a list of now', async () => {
    const world = await inventoryWorld();
    const id = await world.upload('elsewhere');
    const [known = expect.fail()] = await world.versions(await world.inventory([row('plain%2Fnever', id)]));
    const listed = { ...known, inventory: undefined };
    expect(await world.observe(listed)).toMatchObject({ outcome: { decision: { action: 'gone' } } });
  });

  it.each([
    ['plain%2Fmy+report.pdf', 'plain/my report.pdf', 'plain'],
    ['plain%2Fa+b.pdf', 'plain/a+b.pdf', 'plain'],
    ['plus+%2Fx', 'plus+/x', 'plus'],
    ['plain%2Fa%2Bb', 'plain/a+b', 'plain'],
  ])('%s is found as %s, by the rules of that key', async (written, key, rule) => {
    const world = await inventoryWorld();
    const id = await world.upload(key);
    const [known = expect.fail()] = await world.versions(await world.inventory([row(written, id)]));
    const observed = await world.observe(known);
    expect(observed).toMatchObject({ pending: { key, versionId: id } });
    expect('pending' in observed && rule).toBeTruthy();
  });

  it('whose other reading has no rule is no-rule, since the object that exists has none', async () => {
    const world = await inventoryWorld();
    const id = await world.upload('plus /x');
    const [known = expect.fail()] = await world.versions(await world.inventory([row('plus+%2Fx', id)]));
    expect(await world.observe(known)).toMatchObject({ outcome: { decision: { action: 'no-rule' } } });
  });
});

describe('TaggingCount 0', () => {
  const tagsRead = async (manifest: Readonly<Record<string, unknown>>) => {
    const world = await inventoryWorld();
    const id = await world.upload('tagged/a', { class: 'finance' });
    const url = await world.inventory([row('tagged%2Fa', id, '0')], { manifest });
    const [known = expect.fail()] = await world.versions(url);
    return await world.observe(known);
  };

  it('is believed in an inventory of the last day', async () => {
    expect(await tagsRead({})).toMatchObject({ outcome: { decision: { action: 'no-rule' } } });
  });

  it.each([
    ['two days old', { creationTimestamp: String(Date.parse('2026-11-18T10:00:00Z') / 1000) }],
    ['of unknown age', { creationTimestamp: undefined }],
  ])('is not believed in one that is %s', async (_age, manifest) => {
    expect(await tagsRead(manifest)).toMatchObject({ pending: { key: 'tagged/a' } });
  });
});
