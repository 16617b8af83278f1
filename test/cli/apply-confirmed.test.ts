import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { applyPlan } from '../../cli/apply.ts';
import { plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment } from '../support/cli.ts';
import { afterLockAge, type PolicyWorld, policyWorld } from '../support/policy-world.ts';

/** Applies what is due as a person does who types the word, after something else has happened. */
async function applyAfter(world: PolicyWorld, meanwhile: () => Promise<unknown>): Promise<unknown> {
  for (const [name, value] of Object.entries(cloudEnvironment(world.cloud.url))) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  output.once('data', () => void meanwhile().then(() => input.write('lock\n')));
  const rules = `${world.folder}/rules.yaml`;
  const options = {
    rules,
    cloud: 'oss' as const,
    region: 'cn-hangzhou',
    endpoint: world.cloud.url,
    json: true,
  };
  return await applyPlan(undefined, options, { input, output }).catch((error: unknown) => error);
}

describe('a plan that a person takes time to confirm', () => {
  it('is carried out when nothing has changed', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.cloud.advance(afterLockAge);
    expect(await applyAfter(world, async () => undefined)).toMatchObject({ exitCode: 0 });
    expect((await world.policy('archive-1')).state).toBe('Locked');
  });

  it('is not carried out when another policy has taken the place of the one that was shown', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.cloud.advance(afterLockAge);
    const client = plainClient(world.cloud.url, 'archive-1');
    const error = await applyAfter(world, async () => {
      await client.abortBucketWorm('archive-1');
      await client.initiateBucketWorm('archive-1', '365');
    });
    expect(error).toMatchObject({ code: 'PLAN_CHANGED' });
    expect(world.writes()).not.toContain('CompleteBucketWorm');
  });

  it('is not carried out when the policy has lapsed meanwhile', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    await world.cloud.advance(afterLockAge);
    const error = await applyAfter(world, () => world.cloud.advance(afterLockAge));
    expect(error).toMatchObject({ code: 'PLAN_CHANGED' });
    expect(world.writes()).not.toContain('CompleteBucketWorm');
  });
});
