import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { versionId } from '../../shared/storage/port.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { nativeEntry } from '../support/events.ts';
import { holdTestWorld } from '../support/hold-world.ts';

// What docs/event-holds.md says, on the built function and the command that repairs.

const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: contracts, match: { bucket: fin-1 }, retain: { for: 6y, fromTag: closed-on, whileOpen: hold } }
`;

it('an upload is held by its event, renewed by protect, and gets its final date once when it is closed', async () => {
  const world = await holdTestWorld(['fin-1'], rules);
  const { cloud, storage, folder } = world;
  const run = (...args: string[]) => runCli(args, { cwd: folder, env: cloudEnvironment(cloud.url) });
  const id = await world.upload('fin-1', 'contracts/a');
  const at = { bucket: 'fin-1', key: 'contracts/a', versionId: versionId(id) };
  const until = async () => (await storage.getRetention(at))?.until.toISOString().slice(0, 10);
  const protect = () => run('protect', 'oss://fin-1', '--yes', '--restart');
  const advance = (days: number) => cloud.advance(days * 24 * 3_600_000);

  const eTag = createHash('md5').update('x').digest('hex').toUpperCase();
  const entry = nativeEntry({ ...at, versionId: id, eTag, time: cloud.time.now().toISOString() });
  writeFileSync(join(folder, 'event.json'), JSON.stringify({ events: [entry] }));
  const handled = await run('simulate', '-e', 'event.json', '--write', '--yes');
  expect(handled.stdout).toContain('held open, generation 0: tag closed-on is not there');
  expect(await until()).toBe('2027-02-18');

  await advance(91);
  const lapsed = await run('explain', 'oss://fin-1/contracts/a');
  expect(lapsed.stdout, 'no run came for 91 days').toContain('would be retained until');
  await protect();
  const renewed = await until();
  expect(['2027-05-19', '2027-08-17']).toContain(renewed);
  await protect();
  expect(await until()).toBe(renewed);

  await plainClient(cloud.url, 'fin-1').putObjectTagging('contracts/a', { 'closed-on': 'next spring' });
  expect(await protect()).toMatchObject({ code: 1, stdout: expect.stringContaining('TAG_UNREADABLE') });
  await plainClient(cloud.url, 'fin-1').putObjectTagging('contracts/a', { 'closed-on': '2027-02-19' });
  expect((await protect()).code).toBe(0);
  expect(await until()).toBe('2033-02-20');
  await advance(400);
  expect((await protect()).stdout).toMatch(/already-protected/);
  expect(await until()).toBe('2033-02-20');
});
