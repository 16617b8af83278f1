import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fileCheckpoint } from '../../shared/backfill/checkpoint.ts';
import { type ReportLine, reportLine } from '../../shared/backfill/entry.ts';
import { protectExisting } from '../../shared/backfill/run.ts';
import { listingSource } from '../../shared/backfill/source.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readRulesFile } from '../../shared/rules/read.ts';
import { aroundStore } from '../../shared/storage/decorate.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import type { Storage } from '../../shared/storage/port.ts';
import { withRetry } from '../../shared/storage/retry.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { alive, look, lookProtected, type Model, now } from './model.ts';
import { type Command, command } from './objects.ts';
import { askedOf } from './rules.ts';
import type { World } from './world.ts';

/** Where the process dies: at its n-th call of the service, before the call or when its reply has come. */
export interface Crash {
  readonly call: number;
  readonly after: boolean;
}

class Died extends Error {}

/**
 * `holdfast protect` goes through all versions. It may die at any await on the service, and is then started again, as
 * often as `crashes` says. The report names exactly what changed and what failed (peers.md E.3, 8 and 9).
 */
export const repair = (crashes: readonly Crash[]): Command =>
  command(`repair, dying ${JSON.stringify(crashes)}`, (model, world) => repairAll(model, world, crashes));

export async function repairAll(model: Model, world: World, crashes: readonly Crash[]): Promise<void> {
  const before = new Map<string, Date | undefined>();
  for (const version of alive(model)) before.set(version.versionId, await look(world, version));
  const lines = await outlive(crashes, (dress) => protect(world, join(world.folder, 'repair'), dress));

  const changed: string[] = [];
  const failed: string[] = [];
  for (const version of alive(model)) {
    const { key, versionId, lastModified } = version;
    await lookProtected(world, version);
    const { until, problem } = askedOf(key, now(version), lastModified);
    if (problem) failed.push(versionId);
    else if (until !== undefined && (before.get(versionId) ?? 0) < until) changed.push(versionId);
  }
  expect(idsOf(lines, 'failed'), 'those that failed, each once').toEqual(failed.sort());
  expect(idsOf(lines, 'protected'), 'those that changed, each once').toEqual(changed.sort());
}

/** Runs `work` anew after each crash, until it has not died. */
async function outlive<Result>(
  [crash, ...others]: readonly Crash[],
  work: (dress: (storage: Storage) => Storage) => Promise<Result>,
): Promise<Result> {
  if (crash === undefined) return await work((storage) => storage);
  try {
    return await work((storage) => mortal(storage, crash));
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    return await outlive(others, work);
  }
}

/** Says what it would do, and asks the service for nothing that changes it (peers.md E.3, 7). */
export const dryRun = (): Command =>
  command('repair, dry', async (model, world) => {
    world.requests.clear();
    const lines = await protect(world, join(world.folder, 'dry'), (storage) =>
      readOnly(storage, () => undefined),
    );
    const asked = world.requests.list().filter(({ principal }) => principal === 'user repair');
    expect(asked.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    const would = new Set(idsOf(lines, 'would-protect'));
    for (const version of alive(model)) {
      const { until, problem } = askedOf(version.key, now(version), version.lastModified);
      const isShort = until !== undefined && ((await look(world, version)) ?? 0) < until;
      if (!problem) expect(would.has(version.versionId), version.key).toBe(isShort);
    }
  });

/** Every dead letter is replayed, as a person would do it. What fails again stays open, and is no failure of this test. */
export const redrive = (): Command =>
  command('redrive', async (model, world) => {
    const env = cloudEnvironment(world.cloud.url);
    const { code, stderr } = await runCli(['redrive', 'replay', '--yes', '--json', '--rules', world.rules], {
      env,
    });
    expect([0, 1], stderr).toContain(code);
    for (const version of alive(model)) await look(world, version);
  });

async function protect(
  { cloud, connect, folder, name, rules }: World,
  place: string,
  dress: (storage: Storage) => Storage,
): Promise<ReportLine[]> {
  const clock = { now: cloud.time.now, sleep: systemClock.sleep };
  const store = connect();
  const checkpoint = fileCheckpoint(`${place}.checkpoint.json`);
  const report = { lines: `${place}.jsonl`, table: `${place}.csv` };
  const quiet = () => undefined;
  const storage = dress(withRetry(store, { clock, baseMs: 1 }));
  try {
    await protectExisting({
      deps: {
        storage,
        rules: await readRulesFile(rules, name),
        clock,
        concurrency: 4,
        signal: new AbortController().signal,
      },
      source: listingSource(storage, 'docs', ''),
      target: `${name}://docs`,
      checkpoint,
      report,
      run: { folder },
      maxObjects: undefined,
      requests: () => 0,
      onResume: quiet,
      onProgress: quiet,
      onCounting: quiet,
    });
    await checkpoint.remove();
    const texts = readFileSync(report.lines, 'utf8').split('\n').filter(Boolean);
    rmSync(report.lines);
    rmSync(report.table);
    return texts.map((text) => reportLine.parse(JSON.parse(text)));
  } finally {
    store.close();
  }
}

/** A process that dies at one of its calls, and makes no further one. */
function mortal(storage: Storage, { call: last, after }: Crash): Storage {
  let calls = 0;
  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    calls += 1;
    const isLast = calls === last;
    if (calls > last || (isLast && !after)) throw new Died();
    const result = await call();
    if (isLast) throw new Died();
    return result;
  };
  return aroundStore(around, (_operation, call) => around(call))(storage);
}

const idsOf = (lines: readonly ReportLine[], result: ReportLine['result']): string[] =>
  lines
    .filter((line) => line.result === result)
    .map(({ versionId = '' }) => versionId)
    .sort();
