import { expect, it } from 'vitest';
import { retainedUntil } from '../../local/plain-client.ts';
import { fanOutWorld } from '../support/fan-out-world.ts';
import { rulesFile } from '../support/rules-file.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://kept/failed/
objects:
  - name: rolling
    match: { bucket: records, key: "plain/**" }
    retain: 40d
    extend: { within: 30d, by: 20d, upTo: 70d }
`;
const day = 24 * 60 * 60_000;

it('the arrival of an inventory extends what is still in use, and nothing that has been overwritten since', async () => {
  const world = await fanOutWorld({ repairs: true, rules: rulesFile(rules) });
  const { cloud, client } = world;
  const rows = await world.fill(3);
  const until = async () => {
    const dates = rows.slice(0, 3).map(async (row) => {
      const [, key = '', id = ''] = row
        .split(',')
        .map((cell) => decodeURIComponent(cell.replaceAll('"', '')));
      return (await retainedUntil(client, key, id))?.toISOString();
    });
    return await Promise.all(dates);
  };
  const [first, second] = ['2026-12-30T10:00:00.000Z', '2027-01-19T10:00:00.000Z'];
  await world.inventory('first', [rows.join('')]);
  await cloud.idle();
  expect(await until()).toEqual([first, first, first]);

  await client.put('plain/000001', Buffer.from('newer'));
  await cloud.time.leap(15 * day);
  await world.inventory('stale', [rows.join('')]);
  await cloud.idle();
  expect(await until()).toEqual([second, first, second]);
});
