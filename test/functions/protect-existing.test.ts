import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { plainClient, retainedUntil } from '../../local/plain-client.ts';
import { keepPlan } from '../../shared/fan-out/plan.ts';
import { tasksOf } from '../../shared/fan-out/start.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { type FanOutWorld, fanOutWorld, protectExisting } from '../support/fan-out-world.ts';
import { invoke, logOf, policyTimer } from '../support/holdfast-cloud.ts';
import { inventoryRow } from '../support/inventory.ts';
import { storageOf } from '../support/storage-of.ts';

const day = 24 * 60 * 60_000;

async function recordOf(cloud: Cloud): Promise<Record<string, unknown> | undefined> {
  try {
    const { content } = await plainClient(cloud.url, 'kept').get('failed/repairs/records.json');
    return JSON.parse(String(content));
  } catch {
    return undefined;
  }
}

/** What the timer says about the bucket's repair, without the keys of every line. */
async function timerSays({ cloud }: FanOutWorld) {
  const lines = logOf(await invoke(cloud, policyTimer, {}));
  return lines
    .filter((line) => line['bucket'] === 'records')
    .map(({ level, action, ageHours }) => ({ level, action, ageHours }));
}

/** The key of an `oss://bucket/key`. */
const keyOf = (url: string): string => url.replace(/^oss:\/\/[^/]+\//, '');

const actions = (cloud: Cloud) =>
  cloud.fc
    .invocations(protectExisting)
    .flatMap(logOf)
    .map(({ action }) => action);

describe('the arrival of an inventory', () => {
  it('repairs what events have missed, once, and the timer tells how long ago that was', async () => {
    const world = await fanOutWorld({ repairs: true });
    const { cloud, client } = world;
    const rows = await world.fill(20);
    expect(await timerSays(world)).toEqual([{ level: 'warn', action: 'repair-overdue' }]);
    const source = await world.inventory('2026-11-20', [rows.join('')]);
    await cloud.idle();
    expect([...world.writes().values()]).toEqual(Array(20).fill(1));
    const [, , versionId = ''] = rows[7]?.split('","') ?? [];
    const { res } = await client.head('plain/000007', { versionId });
    const until = new Date(String(res.headers['last-modified']));
    until.setUTCFullYear(2027);
    expect(await retainedUntil(client, 'plain/000007', versionId)).toEqual(until);
    const record = { bucket: 'records', source, versions: 21, changed: 20, failed: 1 };
    expect(await recordOf(cloud)).toMatchObject(record);
    expect(actions(cloud).filter((action) => action === 'failed')).toHaveLength(1);

    await cloud.advance(day + 60_000);
    expect(await timerSays(world)).toEqual([{ level: 'info', action: 'repaired', ageHours: 24 }]);
    await cloud.advance(day);
    expect(await timerSays(world)).toEqual([{ level: 'warn', action: 'repair-overdue', ageHours: 48 }]);

    cloud.oss.requests.clear();
    await world.inventory('2026-11-22', [rows.join('')]);
    await cloud.idle();
    expect(world.writes().size).toBe(0);
    expect(await recordOf(cloud)).toMatchObject({ changed: 0, failed: 1 });
  });

  it('is handed out in shards when it is large; the last one done, whichever crashed, keeps the record', async () => {
    const world = await fanOutWorld({
      repairs: true,
      weather: [{ kind: 'instances', killRate: 0.3, withinMs: 500, seed: 5 }],
    });
    const rows = await world.fill(40);
    const markers = inventoryRow('records', 'plain/gone', 'v', { marker: true }).repeat(25_000);
    const files = [rows.slice(0, 20).join('') + markers, rows.slice(20).join('')];
    await world.inventory('large', files);
    while ((await recordOf(world.cloud)) === undefined) await world.cloud.advance(60_000);
    expect(await recordOf(world.cloud)).toMatchObject({ versions: 25_041, changed: 40, failed: 1 });
    expect([...world.writes().values()]).toEqual(Array(40).fill(1));
    const begun = world.cloud.fc.tasks
      .list(protectExisting)
      .map(({ taskPayload }) => JSON.parse(taskPayload).leg);
    expect(begun.filter((leg) => leg === 0)).toHaveLength(3);
    expect(actions(world.cloud)).toContain('handed-out');
  });

  it('that cannot be read ends as a dead letter, and its replay repairs once it is whole', async () => {
    const world = await fanOutWorld({ repairs: true });
    const { cloud } = world;
    const lists = plainClient(cloud.url, 'lists');
    const rows = await world.fill(3);
    await world.inventory('whole', [rows.join('')]);
    await cloud.idle();
    const { content } = await lists.get('inventory/records/whole/data/0.csv.gz');
    await lists.put('inventory/records/broken/data/0.csv.gz', Buffer.from('no gzip'));
    const manifest = await lists.get('inventory/records/whole/manifest.json');
    const text = String(manifest.content).replaceAll('whole', 'broken');
    await lists.put('inventory/records/broken/manifest.json', Buffer.from(text));
    await cloud.idle();
    const [last] = cloud.fc.invocations(protectExisting).slice(-1);
    expect(last, 'no repetition can help').toMatchObject({
      status: 'succeeded',
      attempt: 1,
      result: '[{"action":"failed","failed":1}]',
    });
    const options = {
      cwd: world.folder,
      env: cloudEnvironment(cloud.url),
    };
    const listed = await runCli(['redrive', '--function', 'protect-existing'], options);
    expect(listed.stdout).toContain('INVENTORY_INVALID');
    await lists.put('inventory/records/broken/data/0.csv.gz', Buffer.from(content));
    await cloud.advance(2000); // of two repairs in one second the record keeps the first
    const replayed = await runCli(['redrive', 'replay', '--yes', '--function', 'protect-existing'], options);
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining('repair-done') });
    expect(await recordOf(cloud)).toMatchObject({ source: expect.stringContaining('broken'), versions: 4 });
  });

  it('that fails for good again when it is replayed by the deployed function makes no further letter', async () => {
    const world = await fanOutWorld({ repairs: true });
    const { cloud, folder: cwd } = world;
    const rows = await world.fill(1);
    const source = await world.inventory('whole', [rows.join('')]);
    await cloud.idle();
    await plainClient(cloud.url, 'lists').put(keyOf(source), Buffer.from('{"no": "manifest"}'));
    await cloud.idle();
    const options = {
      cwd,
      env: { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url },
    };
    const redrive = async (...args: string[]) =>
      JSON.parse((await runCli(['redrive', ...args, '--json'], options)).stdout);
    const { letters } = await redrive('list');
    expect(letters).toMatchObject([{ open: true, error: { code: 'INVENTORY_INVALID' } }]);
    const again = await redrive('replay', '--yes', '--invoke');
    expect(again).toMatchObject({
      open: 1,
      replays: [{ id: letters[0].id, replayed: false, error: { code: 'EVENTS_FAILED' } }],
    });
    expect((await redrive('list')).letters).toMatchObject([{ id: letters[0].id, open: true }]);
    const all = (await redrive('list', '--all')).letters;
    expect(all).toHaveLength(2);
    expect(all.find(({ open }: { open: boolean }) => !open)).toMatchObject({
      marks: [{ outcome: 'repeat' }],
    });
  });

  it('in a dry run is read and decided, and writes nothing', async () => {
    const world = await fanOutWorld({ repairs: true, environment: { HOLDFAST_DRY_RUN: 'true' } });
    const rows = await world.fill(3);
    await world.inventory('dry', [rows.join('')]);
    await world.cloud.idle();
    expect(actions(world.cloud).filter((action) => action === 'protect')).toHaveLength(3);
    const written = world.cloud.oss.requests
      .list()
      .filter(({ principal, method }) => principal.startsWith('function ') && method === 'PUT');
    expect(written).toEqual([]);
  });
});

it.each<[what: string, event: unknown, code: string]>([
  ['a task of another version', { task: 'protect-shard', version: 2 }, 'EVENT_MALFORMED'],
  ['a task that nobody knows', { task: 'sweep', version: 1 }, 'EVENT_MALFORMED'],
  ['a run with other rules', { task: 'check', version: 1, rules: 'sha256:0' }, 'RULES_DIFFER'],
])('%s is refused', async (_what, event, code) => {
  const { cloud } = await fanOutWorld();
  expect((await invoke(cloud, protectExisting, event)).error?.errorType).toBe(code);
});

it('in a dry run a run of shards is refused before it begins, because no result could be kept', async () => {
  const { cloud } = await fanOutWorld({ environment: { HOLDFAST_DRY_RUN: 'true' } });
  const { error } = await invoke(cloud, protectExisting, { task: 'check', version: 1, rules: 'sha256:0' });
  expect(error).toMatchObject({
    errorType: 'CONFIG_INVALID',
    errorMessage: expect.stringContaining('HOLDFAST_DRY_RUN'),
  });
});

it('in a dry run a shard of a plan is refused, and nothing at all is written', async () => {
  const { cloud, client, fill } = await fanOutWorld({ environment: { HOLDFAST_DRY_RUN: 'true' } });
  await fill(1);
  const plan = await keepPlan(
    storageOf(cloud),
    {
      bucket: 'records',
      prefix: '',
      source: 'listing',
      keysEncoded: true,
      dryRun: false,
      repair: true,
      folder: { bucket: 'kept', prefix: 'failed/fan-out/records-1/1/' },
    },
    [{ kind: 'listing' }],
  );
  const [task] = tasksOf(plan, { concurrency: 4, attempt: 0 });
  expect((await invoke(cloud, protectExisting, task)).error?.errorType).toBe('CONFIG_INVALID');
  const { res } = await client.head('plain/000000');
  expect(res.headers['x-oss-object-worm-mode']).toBeUndefined();
  const written = cloud.oss.requests
    .list()
    .filter(({ principal, method }) => principal.startsWith('function ') && method === 'PUT');
  expect(written).toEqual([]);
});
