import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { certificateFile, credentialsServer } from '../../support/credentials-server.ts';
import { policyWorld } from '../../support/policy-world.ts';

/** A home folder with profiles, in the folder of the world. */
function homeWith(folder: string, profiles: readonly object[]): string {
  const home = join(folder, 'home');
  mkdirSync(join(home, '.aliyun'), { recursive: true });
  writeFileSync(join(home, '.aliyun', 'config.json'), JSON.stringify({ current: 'default', profiles }));
  return home;
}

const own = { mode: 'AK', access_key_id: 'holdfast', access_key_secret: 'holdfast-secret' };

it('a profile gives key and region, a role is assumed over TLS, and a refusal names the key', async () => {
  const world = await policyWorld();
  const sts = await credentialsServer(
    () => {
      const body = {
        AccessKeyId: 'STS.wrong',
        AccessKeySecret: 'wrong-secret',
        SecurityToken: 'wrong-token',
      };
      return { body: { Credentials: { ...body, Expiration: '2099-01-01T00:00:00Z' } } };
    },
    { tls: true },
  );
  const home = homeWith(world.folder, [
    { name: 'default', region_id: 'cn-shanghai', ...own },
    { name: 'here', region_id: 'cn-hangzhou', ...own },
    {
      name: 'role',
      region_id: 'cn-hangzhou',
      ...own,
      mode: 'RamRoleArn',
      ram_role_arn: 'acs:ram::1:role/x',
      sts_endpoint: new URL(sts.url).host,
    },
  ]);
  const env = {
    HOME: home,
    HOLDFAST_OSS_ENDPOINT: world.cloud.url,
    NODE_EXTRA_CA_CERTS: resolve(certificateFile),
  };
  const plan = (...args: string[]) => runCli(['plan', ...args], { cwd: world.folder, env });

  const [elsewhere, here, asRole, unknown, help] = await Promise.all([
    plan(),
    plan('--profile', 'here'),
    plan('--profile', 'role'),
    plan('--profile', 'roles'),
    plan('--help'),
  ]);
  expect(elsewhere.stderr, 'the region of the profile is not that of the cloud').toContain('signing region');
  expect(here).toMatchObject({ code: 0, stderr: '' });
  expect(asRole.stderr).toMatch(
    /^error CREDENTIALS_INVALID: .*; access key STS\.wrong, from profile "role" of .*, role acs:ram::1:role\/x/,
  );
  expect(asRole.stderr).not.toMatch(/wrong-secret|wrong-token|holdfast-secret/);
  expect(unknown).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/PROFILE_UNKNOWN: .*did you mean "role"\?/),
  });
  expect(help.stdout, 'no option holds a secret').not.toMatch(/--[a-z-]*(secret|token|password|key-id)/);
});

it('the library is in no function, and in a part of the command line that is loaded when it is needed', () => {
  const mark = '/latest/meta-data/ram/security-credentials/';
  const holds = (file: string) => readFileSync(file, 'utf8').includes(mark);
  const all = readdirSync('dist', { recursive: true, encoding: 'utf8' });
  const files = all.filter((file) => file.endsWith('.js') && !file.startsWith('scripts/'));
  expect(files.filter((file) => holds(join('dist', file)))).toEqual([
    expect.stringMatching(/^cli\/issuer-\w+\.js$/),
  ]);
});
