import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { type FanOutWorld, fanOutRules, fanOutWorld, protectExisting } from '../support/fan-out-world.ts';
import { invoke } from '../support/holdfast-cloud.ts';
import { inventoryRow } from '../support/inventory.ts';

const fanOut = ['--fan-out', '--tasks', '4'];
const gone = inventoryRow('records', 'plain/gone', 'v', { marker: true });
const crashes = { kind: 'instances', killRate: 0.2, withinMs: 1000, seed: 3 } as const;

describe('holdfast protect --fan-out', () => {
  it('with workers that crash, protects all, writes each once, and reports what a plain run reports', async () => {
    const world = await fanOutWorld({ weather: [crashes] });
    const rows = await world.fill(500);
    rows.splice(250, 0, ...Array<string>(2500).fill(gone));
    const url = await world.inventory('daily', [rows.slice(0, 900).join(''), rows.slice(900).join('')]);
    const args = ['oss://records', '--inventory', url, '--json'];
    const plain = await world.run(...args, '--dry-run', '--report', 'plain.jsonl');

    const dry = await world.run(
      ...args,
      ...fanOut,
      '--shard-size',
      '450',
      '--dry-run',
      '--report',
      'dry.jsonl',
    );
    expect({ code: dry.code, stderr: dry.stderr }).toMatchObject({ code: 1 });
    expect(world.writes().size).toBe(0);
    expect(world.report('dry.jsonl')).toEqual(world.report('plain.jsonl'));

    const done = await world.run(...args, ...fanOut, '--shard-size', '450', '--report', 'done.jsonl');
    const { actions, versions, shards } = JSON.parse(done.stdout);
    expect({ code: done.code, actions, versions, shards }).toEqual({
      code: 1,
      versions: 3001,
      actions: { protected: 500, failed: 1, skipped: 2500 },
      shards: { total: 7, failed: [] },
    });
    expect(JSON.parse(plain.stdout).actions).toEqual({ 'would-protect': 500, failed: 1, skipped: 2500 });
    expect([...world.writes().values()]).toEqual(Array(500).fill(1));
    const expected = world.report('plain.jsonl').map((line) => ({
      ...line,
      result: line['result'] === 'would-protect' ? 'protected' : line['result'],
    }));
    expect(world.report('done.jsonl')).toEqual(expected);
    const crashed = world.cloud.fc.invocations(protectExisting).filter(({ status }) => status === 'retrying');
    expect(crashed.length).toBeGreaterThan(0);
    const record = await plainClient(world.cloud.url, 'kept').get('failed/repairs/records.json');
    expect(JSON.parse(String(record.content))).toMatchObject({
      source: url,
      versions: 3001,
      changed: 500,
      failed: 1,
    });
    expect(readFileSync(join(world.folder, 'done.csv'), 'utf8').trim().split('\n')).toHaveLength(502);
  });

  it('killed and started again, begins nothing twice, and ends with the report of a run that nobody stopped', async () => {
    const world = await fanOutWorld();
    const rows = await world.fill(120);
    const url = await world.inventory('daily', [rows.join('')]);
    const args = ['oss://records', '--inventory', url, '--fan-out', '--tasks', '2', '--shard-size', '30'];
    for (const finished of [0, 2]) {
      const child = world.start(...args, '--report', 'report.jsonl');
      const ended = once(child, 'close');
      await vi.waitFor(() => expect(begun(world).length).toBeGreaterThan(finished), {
        timeout: 120_000,
        interval: 2,
      });
      child.kill('SIGKILL');
      await ended;
    }
    const { code, stdout } = await world.run(...args, '--report', 'report.jsonl', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      versions: 121,
      changed: 120,
      shards: { total: 5, failed: [] },
    });
    expect([...world.writes().values()]).toEqual(Array(120).fill(1));
    expect(begun(world)).toHaveLength(5);
    expect(world.report('report.jsonl').map(({ key }) => key)).toEqual(keysOf(rows));
    // It has ended: the next one is a new run, and finds nothing left to be done.
    const again = await world.run(...args, '--report', 'again.jsonl', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      changed: 0,
      actions: { 'already-protected': 120, failed: 1 },
    });
  });

  it('from a listing, divides --qps among the tasks, and names a shard that failed to the end', async () => {
    const world = await fanOutWorld();
    await world.fill(1100);
    const effect = { status: 403, code: 'InvalidAccessKeyId' };
    world.cloud.oss.faults.add({ operation: 'HeadObject', key: 'plain/001050', effect });
    const args = [
      'oss://records',
      ...fanOut,
      '--shard-size',
      '1000',
      '--qps',
      '4001',
      '--report',
      'report.jsonl',
    ];
    const { code, stdout } = await world.run(...args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^shard 1 failed: .*HeadObject/m);
    expect(stdout).toContain('2 shards, 1 not done');
    const payloads = begun(world).map(({ taskPayload }) => JSON.parse(taskPayload));
    expect(payloads.map(({ qps }) => qps)).toEqual([2000, 2000]);
    expect(world.report('report.jsonl').filter(({ result }) => result === 'protected')).toHaveLength(1000);

    world.cloud.oss.faults.clear();
    const again = await world.run(...args, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      changed: 1100,
      failed: 1,
      shards: { total: 2, failed: [] },
    });
    expect([...world.writes().values()]).toEqual(Array(1100).fill(1));
  });

  it('writes the tasks for a workflow and begins none; what the workflow has done is gathered', async () => {
    const world = await fanOutWorld();
    const rows = await world.fill(20);
    const url = await world.inventory('daily', [rows.join('')]);
    const args = ['oss://records', '--inventory', url, ...fanOut, '--shard-size', '11', '--json'];
    const planned = JSON.parse((await world.run(...args, '--plan-only')).stdout);
    expect(planned.tasks).toBe(2);
    expect(begun(world)).toEqual([]);
    const key = planned.url.replace('oss://kept/', '');
    const { content } = await plainClient(world.cloud.url, 'kept').get(key);
    for (const task of JSON.parse(String(content))) await invoke(world.cloud, protectExisting, task);
    const { stdout } = await world.run(...args);
    expect(JSON.parse(stdout)).toMatchObject({ versions: 21, changed: 20, shards: { total: 2, failed: [] } });
    expect(begun(world)).toEqual([]);
  });

  it('refuses --plan-only alone', async () => {
    const world = await fanOutWorld();
    const { code, stderr } = await world.run('oss://records', '--plan-only');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('needs --fan-out') });
  });

  it.each<[what: string, args: string[], says: string]>([
    ['a cap that it cannot keep', ['--max-objects', '3'], 'USAGE: --max-objects cannot go with --fan-out'],
    ['a checkpoint file', ['--checkpoint', 'x'], 'USAGE: --checkpoint cannot go with --fan-out'],
    ['other rules than the function has', ['--rules', 'other.yaml'], 'FAN_OUT_REFUSED'],
    ['rules without a place for results', ['--rules', 'nowhere.yaml'], 'REPAIR_PLACE_UNSET'],
    ['a function that is not there', ['--function', 'gone'], 'NO_SUCH_FUNCTION'],
  ])('refuses %s before anything is begun', async (_what, args, says) => {
    const world = await fanOutWorld();
    writeFileSync(join(world.folder, 'other.yaml'), fanOutRules.replace('1y', '2y'));
    writeFileSync(join(world.folder, 'nowhere.yaml'), fanOutRules.replace(/deadLetters.*/, ''));
    const { code, stderr } = await world.run('oss://records', '--fan-out', ...args);
    expect({ code: code === 0, stderr }).toMatchObject({
      code: false,
      stderr: expect.stringContaining(says),
    });
    expect(begun(world)).toEqual([]);
  });
});

/** The tasks that the command began; those of triggers have other ids. */
const begun = ({ cloud }: FanOutWorld) =>
  cloud.fc.tasks.list(protectExisting).filter(({ taskId }) => taskId.startsWith('holdfast-'));

const keysOf = (rows: readonly string[]) => rows.map((row) => decodeURIComponent(row.split('","')[1] ?? ''));
