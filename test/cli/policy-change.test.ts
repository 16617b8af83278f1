import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { changePolicy } from '../../cli/policy/change.ts';
import { plainClient } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { cloudEnvironment } from '../support/cli.ts';
import { type PolicyWorld, policyWorld } from '../support/policy-world.ts';

/** Locks archive-1 as a person does who types the word, after something else has happened. */
async function lockAfter(world: PolicyWorld, meanwhile: () => Promise<unknown>): Promise<unknown> {
  for (const [name, value] of Object.entries(cloudEnvironment(world.cloud.url))) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  output.once('data', () => void meanwhile().then(() => input.write('lock\n')));
  const options = {
    rules: `${world.folder}/rules.yaml`,
    cloud: 'oss' as const,
    region: 'cn-hangzhou',
    endpoint: world.cloud.url,
  };
  return await changePolicy('archive-1', { action: 'lock' }, options, { input, output }).catch(
    (error: unknown) => error,
  );
}

describe('a lock that a person takes time to confirm', () => {
  it('is made when nothing has changed', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    expect(await lockAfter(world, async () => undefined)).toMatchObject({ json: { changed: true } });
    expect((await world.policy('archive-1')).state).toBe('Locked');
  });

  it('is not made when another policy has taken the place of the one that was shown', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    const client = plainClient(world.cloud.url, 'archive-1');
    const error = await lockAfter(world, async () => {
      await client.abortBucketWorm('archive-1');
      await client.initiateBucketWorm('archive-1', '3650');
    });
    expect(error).toMatchObject({ code: 'CHANGED_MEANWHILE' });
    expect((await world.policy('archive-1')).state).toBe('InProgress');
  });

  it('is not made when the policy has lapsed meanwhile', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    const error = await lockAfter(world, () => world.cloud.advance(25 * hour));
    expect(error).toMatchObject({ code: expect.stringMatching(/^(CHANGED_MEANWHILE|NOT_POSSIBLE_NOW)$/) });
    expect(world.writes()).not.toContain('CompleteBucketWorm');
  });
});
