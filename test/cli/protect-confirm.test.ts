import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { confirmCounted, countChanges } from '../../cli/protect/confirm.ts';
import { failureKinds } from '../../cli/protect/failures.ts';
import { listingSource } from '../../shared/backfill/source.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { protectWorld, rulesText } from '../support/protect-world.ts';
import { storageOf } from '../support/storage-of.ts';

describe('holdfast protect asks', () => {
  it('writes nothing where nobody can be asked, and does not even count', async () => {
    const world = await protectWorld();
    await world.upload('plain/a');
    world.requests();
    const options = { cwd: world.folder, env: cloudEnvironment(world.cloud.url) };
    for (const args of [[], ['--inventory', 'oss://lists/x/manifest.json'], ['--fan-out']]) {
      const { code, stdout, stderr } = await runCli(['protect', 'oss://records', ...args], options);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('error NOT_CONFIRMED');
      expect(stderr).toContain('retain the versions in oss://records, by rules.yaml');
    }
    expect(world.requests()['PutObjectRetention']).toBeUndefined();
    expect(world.requests()['ListObjectVersions']).toBeUndefined();
    const dry = await runCli(['protect', 'oss://records', '--dry-run'], options);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('1 would change') });
  });

  it('counts first, and shows versions, bytes and the latest date', async () => {
    const world = await protectWorld();
    for (const key of ['plain/a', 'plain/b', 'other']) await world.upload(key);
    await world.upload('tagged/c', { class: 'finance' });
    world.requests();
    const deps = {
      storage: storageOf(world.cloud),
      rules: rulesFrom(rulesText, 'rules.yaml'),
      clock: { now: world.cloud.time.now, sleep: () => Promise.resolve() },
      concurrency: 4,
      signal: new AbortController().signal,
    };
    const ask = async (answer: string) => {
      const input = Object.assign(new PassThrough(), { isTTY: true });
      const output = new PassThrough();
      input.end(answer);
      const source = listingSource(deps.storage, 'records', '');
      const outcome = await confirmCounted('oss://records', await countChanges(deps, source), {
        input,
        output,
      }).then(
        () => 'confirmed',
        (error: unknown) => error,
      );
      output.end();
      return { outcome, shown: await text(output) };
    };
    const agreed = await ask('protect\n');
    expect(agreed.outcome).toBe('confirmed');
    expect(agreed.shown).toMatch(
      /About to retain 3 versions \(3 B\) in oss:\/\/records until 2033-11-20T10:00:\d\dZ at the latest\./,
    );
    expect(agreed.shown).toContain('Nobody can undo that.');
    expect((await ask('yes\n')).outcome).toMatchObject({ code: 'NOT_CONFIRMED' });
    expect((await ask('')).outcome).toMatchObject({ code: 'NOT_CONFIRMED' });
    expect(world.requests()['PutObjectRetention']).toBeUndefined();
  });

  it('lists failures by reason with count, example and remedy', async () => {
    const world = await protectWorld();
    for (const key of ['until/a', 'until/b\u001b[31m', 'until/c']) await world.upload(key, { until: 'soon' });
    await world.upload('until/far', { until: '2099-01-01' });
    const { code, stdout } = await world.run('oss://records');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^3 failed with TAG_UNREADABLE, for example oss:\/\/records\/until\/a\?versionId=/m,
    );
    expect(stdout).toMatch(/^1 failed with OVER_CAP, for example oss:\/\/records\/until\/far\?versionId=/m);
    expect(stdout).toMatch(/^ {2}what to do: \S/m);
    const json = JSON.parse((await world.run('oss://records', '--dry-run', '--json')).stdout);
    expect(json.failures).toMatchObject([
      { code: 'TAG_UNREADABLE', count: 3 },
      { code: 'OVER_CAP', count: 1 },
    ]);
  });
});

it('groups failures by code, the commonest first, and keeps one example of each', async () => {
  async function* lines() {
    for (const [key, code] of [
      ['a', 'constructor'],
      ['b', 'X'],
      ['c', 'X'],
      ['d', undefined],
    ]) {
      yield await Promise.resolve(JSON.stringify({ result: 'failed', bucket: 'r', key, code, reason: key }));
    }
    yield JSON.stringify({ result: 'protected', bucket: 'r', key: 'e' });
  }
  expect(await failureKinds('oss', lines())).toMatchObject([
    { code: 'X', count: 2, example: 'oss://r/b', reason: 'b' },
    { code: 'constructor', count: 1, example: 'oss://r/a' },
    { code: 'UNEXPECTED', count: 1, example: 'oss://r/d' },
  ]);
});
