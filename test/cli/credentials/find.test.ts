import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findSource } from '../../../cli/credentials/find.ts';
import { loadIssuers } from '../../../cli/credentials/load-issuers.ts';
import { describeError } from '../../../shared/terminal/error.ts';
import { folderWith } from '../../support/cli.ts';
import {
  type Answering,
  credentialsServer,
  issuedKeys,
  metadataAddress,
  rerouted,
  stsAddress,
} from '../../support/credentials-server.ts';
import { manualClock } from '../../support/manual-clock.ts';

afterEach(() => vi.unstubAllEnvs());

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** The text of ~/.aliyun/config.json, or what it holds. */
  readonly config?: string | { readonly current?: string; readonly profiles: readonly object[] };
  readonly profile?: string;
}

/** Looks for credentials with a home folder and an environment of the test's own. */
async function find({ env = {}, config, profile }: Given) {
  const home = folderWith({});
  if (config !== undefined) {
    mkdirSync(join(home, '.aliyun'));
    const content = typeof config === 'string' ? config : JSON.stringify(config);
    writeFileSync(join(home, '.aliyun', 'config.json'), content);
  }
  // The library reads some settings for itself.
  vi.stubEnv('HOME', home);
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const isolated = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true', ...env };
  for (const [name, value] of Object.entries(isolated)) vi.stubEnv(name, value);
  const load = loadIssuers(manualClock('2026-11-29T00:00:00Z'));
  return await findSource({ env: isolated, home, profile }, load);
}

/** The credentials that are found, and the name of their place. */
async function issued(given: Given) {
  const source = await find(given);
  const { keys, expiresAt } = await source.issue();
  return { name: source.name, id: keys.accessKeyId, token: keys.securityToken, expiresAt };
}

it('says once that the file of profiles cannot be read, and why', async () => {
  const home = folderWith({});
  const file = join(home, '.aliyun', 'config.json');
  mkdirSync(file, { recursive: true });
  const finding = findSource(
    { env: {}, home, profile: undefined },
    loadIssuers(manualClock('2026-11-29T00:00:00Z')),
  );
  await expect(finding).rejects.toMatchObject({
    code: 'PROFILES_INVALID',
    message: `the profiles in ${file} cannot be read: EISDIR: illegal operation on a directory, read`,
  });
});

/** What is said when there are none, as a person reads it. */
async function failed(given: Given): Promise<string> {
  const error: unknown = await issued(given).then(
    ({ id }) => expect.fail(`found ${id}`),
    (reason: unknown) => reason,
  );
  const { code, message, remedy } = describeError(error);
  return `${code}: ${message}\n${remedy}`;
}

const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI-env', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'env-secret' };
const ak = { name: 'default', mode: 'AK', access_key_id: 'LTAI-file', access_key_secret: 'file-secret' };
const role = 'acs:ram::1234567890123456:role/auditor';

describe('where credentials come from', () => {
  it('the environment comes first, and a named profile before it', async () => {
    const config = { current: 'default', profiles: [ak] };
    expect(await issued({ env: pair, config })).toMatchObject({
      id: 'LTAI-env',
      name: 'ALIBABA_CLOUD_ACCESS_KEY_ID',
    });
    const named = await issued({ env: pair, config, profile: 'default' });
    expect(named).toMatchObject({ id: 'LTAI-file', expiresAt: undefined });
    expect(named.name).toMatch(/^profile "default" of .*config\.json$/);
  });

  it('half a pair is none, and the pair of OSS is the second', async () => {
    const env = {
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'half',
      OSS_ACCESS_KEY_ID: 'LTAI-oss',
      OSS_ACCESS_KEY_SECRET: 's',
    };
    expect(await issued({ env })).toMatchObject({ id: 'LTAI-oss', name: 'OSS_ACCESS_KEY_ID' });
  });

  it('ALIBABA_CLOUD_PROFILE chooses before the current profile', async () => {
    const config = {
      current: 'default',
      profiles: [ak, { ...ak, name: 'other', access_key_id: 'LTAI-other' }],
    };
    expect(await issued({ config })).toMatchObject({ id: 'LTAI-file' });
    expect(await issued({ config, env: { ALIBABA_CLOUD_PROFILE: 'other' } })).toMatchObject({
      id: 'LTAI-other',
    });
  });

  it('a temporary key of a profile has its token', async () => {
    const profiles = [{ ...ak, mode: 'StsToken', sts_token: 'the-token' }];
    expect(await issued({ config: { profiles } })).toMatchObject({ id: 'LTAI-file', token: 'the-token' });
  });

  it('the role of an ECS instance, by name or as the metadata server tells it', async () => {
    const metadata = await credentialsServer(({ method, path, headers }) => {
      if (method === 'PUT') return { body: 'session-token' };
      if (headers['x-aliyun-ecs-metadata-token'] !== 'session-token')
        return { status: 403, body: 'no token' };
      if (path.endsWith('/security-credentials/')) return { body: 'instance-role' };
      return { body: { Code: 'Success', ...issuedKeys(`STS.${path.split('/').at(-1)}`) } };
    });
    rerouted({ [metadataAddress]: metadata.url });
    const expected = { token: 'STS.instance-role-token', expiresAt: new Date('2099-01-01T00:00:00Z') };
    const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: '' };
    expect(await issued({ env })).toMatchObject({ id: 'STS.instance-role', ...expected });
    expect(await issued({ env: { ...env, ALIBABA_CLOUD_ECS_METADATA: 'mine' } })).toMatchObject({
      id: 'STS.mine',
    });
    const profiles = [{ name: 'ecs', mode: 'EcsRamRole', ram_role_name: 'theirs' }];
    expect(await issued({ env, config: { current: 'ecs', profiles } })).toMatchObject({ id: 'STS.theirs' });
  });

  it('a credentials URI, from the environment or a profile', async () => {
    const server = await credentialsServer(({ path }) => ({ body: issuedKeys(`STS.${path.slice(1)}`) }));
    const address = `${server.url}/pod?password=hidden-in-query`;
    const found = await issued({ env: { ALIBABA_CLOUD_CREDENTIALS_URI: address } });
    expect(found).toMatchObject({ id: 'STS.pod', name: `ALIBABA_CLOUD_CREDENTIALS_URI (${server.url}/pod)` });
    const profiles = [{ name: 'uri', mode: 'CredentialsURI', credentials_uri: `${server.url}/file` }];
    expect(await issued({ config: { profiles } })).toMatchObject({ id: 'STS.file' });
  });

  it('a token of OpenID Connect (RRSA), from the environment or a profile', async () => {
    const sts = await credentialsServer(() => ({ body: { Credentials: issuedKeys('STS.pod') } }), {
      tls: true,
    });
    rerouted({ [stsAddress]: sts.url });
    const file = join(folderWith({ token: 'the-oidc-token' }), 'token');
    const env = {
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: file,
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: 'acs:ram::1:oidc-provider/ack',
      ALIBABA_CLOUD_ROLE_ARN: role,
    };
    expect(await issued({ env })).toMatchObject({ id: 'STS.pod', name: `OIDC (RRSA), role ${role}` });
    const oidc = { mode: 'OIDC', oidc_token_file: file, oidc_provider_arn: 'acs:x', ram_role_arn: role };
    const profiles = [{ name: 'pod', ...oidc, sts_endpoint: new URL(sts.url).host }];
    expect(await issued({ config: { profiles } })).toMatchObject({ id: 'STS.pod' });
    expect(sts.asked.map(({ form }) => [form.get('OIDCToken'), form.get('RoleArn')])).toEqual([
      ['the-oidc-token', role],
      ['the-oidc-token', role],
    ]);
  });

  it('a chain of roles, each assumed with the credentials of the one before', async () => {
    const answer: Answering = ({ form, query }) => {
      const id = `STS.${form.get('RoleArn')?.split('/').at(-1)}-by-${query.get('AccessKeyId')}`;
      return { body: { Credentials: issuedKeys(id) } };
    };
    const sts = await credentialsServer(answer, { tls: true });
    const common = { sts_endpoint: new URL(sts.url).host };
    const profiles = [
      {
        ...ak,
        name: 'base',
        mode: 'RamRoleArn',
        ram_role_arn: 'acs:ram::1:role/first',
        external_id: 'ours',
        ...common,
      },
      {
        name: 'next',
        mode: 'ChainableRamRoleArn',
        source_profile: 'base',
        ram_role_arn: 'acs:ram::2:role/second',
        ...common,
      },
      {
        name: 'last',
        mode: 'ChainableRamRoleArn',
        source_profile: 'next',
        ram_role_arn: 'acs:ram::3:role/third',
        ...common,
      },
    ];
    const found = await issued({ config: { current: 'base', profiles }, profile: 'last' });
    expect(found.id).toBe('STS.third-by-STS.second-by-STS.first-by-LTAI-file');
    expect(found.name).toMatch(/^profile "last" of .*, role acs:ram::3:role\/third$/);
    expect(sts.asked.map(({ query, form }) => [query.get('SecurityToken'), form.get('ExternalId')])).toEqual([
      [null, 'ours'],
      ['STS.first-by-LTAI-file-token', null],
      ['STS.second-by-STS.first-by-LTAI-file-token', null],
    ]);
  });

  it('a role that the role of the ECS instance assumes', async () => {
    const metadata = await credentialsServer(({ method }) =>
      method === 'PUT' ? { body: 't' } : { body: { Code: 'Success', ...issuedKeys('STS.ecs') } },
    );
    const sts = await credentialsServer(
      ({ query }) => ({ body: { Credentials: issuedKeys(`STS.by-${query.get('AccessKeyId')}`) } }),
      { tls: true },
    );
    rerouted({ [metadataAddress]: metadata.url, [stsAddress]: sts.url });
    const profiles = [
      { name: 'x', mode: 'RamRoleArnWithRoleName', ram_role_name: 'ecs', ram_role_arn: role },
    ];
    const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: '' };
    expect(await issued({ env, config: { profiles } })).toMatchObject({ id: 'STS.by-STS.ecs' });
  });

  it('a program that prints credentials, which the library runs', async () => {
    const printed = JSON.stringify({
      mode: 'AK',
      access_key_id: 'LTAI-program',
      access_key_secret: 'program-secret',
    });
    const file = join(folderWith({ 'keys.json': printed }), 'keys.json');
    const profiles = [{ name: 'program', mode: 'External', process_command: `cat ${file}` }];
    expect(await issued({ config: { current: 'program', profiles } })).toMatchObject({ id: 'LTAI-program' });
  });

  it('the credentials file of the SDKs', async () => {
    const ini = '[default]\ntype = access_key\naccess_key_id = LTAI-ini\naccess_key_secret = ini-secret\n';
    const file = join(folderWith({ credentials: ini }), 'credentials');
    expect(await issued({ env: { ALIBABA_CLOUD_CREDENTIALS_FILE: file } })).toMatchObject({ id: 'LTAI-ini' });
  });
});

describe('when there are none', () => {
  it('every place is named, with what was found there', async () => {
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'half', ALIBABA_CLOUD_ROLE_ARN: role };
    const blank = {
      current: 'default',
      profiles: [{ name: 'default', mode: 'AK', access_key_id: '', access_key_secret: '' }],
    };
    const said = await failed({ env, config: blank });
    expect(said).toMatch(/^CREDENTIALS_MISSING: there are no credentials; looked at:\n/);
    for (const line of [
      '  ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET: ALIBABA_CLOUD_ACCESS_KEY_ID is set, but not ALIBABA_CLOUD_ACCESS_KEY_SECRET\n',
      '  OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET: not set\n',
      '  OIDC (RRSA): ALIBABA_CLOUD_ROLE_ARN is set, but not ALIBABA_CLOUD_OIDC_TOKEN_FILE and ALIBABA_CLOUD_OIDC_PROVIDER_ARN\n',
      'config.json: profile "default" has no access key\n',
      'credentials: there is no such file\n',
      '  ALIBABA_CLOUD_CREDENTIALS_URI: not set\n',
      '  metadata server of ECS (100.100.100.200): ALIBABA_CLOUD_ECS_METADATA_DISABLED is true\n',
    ]) {
      expect(said).toContain(line);
    }
  });

  it('a metadata server that keeps silent is given up', async () => {
    const silent = await credentialsServer(() => {
      vi.advanceTimersByTime(1000);
      return undefined;
    });
    rerouted({ [metadataAddress]: silent.url });
    const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: '' };
    const said = await failed({ env });
    expect(said).toMatch(/^CREDENTIALS_MISSING: /);
    expect(said).toMatch(
      /metadata server of ECS \(100\.100\.100\.200\): nobody answers .*ReadTimeout\(1000\)/,
    );
  });
});

describe('what is wrong is said, and no secret with it', () => {
  const chain = { mode: 'ChainableRamRoleArn', ram_role_arn: role };
  it.each<[what: string, given: Given, says: RegExp]>([
    [
      'no JSON',
      { config: '{"current": "default",\n "profiles": [{"access_key_secret": "file-secret" oops]}' },
      /^PROFILES_INVALID: .*it is not JSON( in line 2, column 48)?/,
    ],
    [
      'no UTF-8',
      { config: Buffer.from([0xff, 0xfe, 0x7b]).toString('latin1').repeat(2) },
      /^PROFILES_INVALID/,
    ],
    [
      'no list of profiles',
      { config: '{"profiles": {"file-secret": 1}}' },
      /^PROFILES_INVALID: .*profiles: /,
    ],
    [
      'a profile that does not exist',
      { config: { profiles: [ak] }, profile: 'defualt' },
      /^PROFILE_UNKNOWN: there is no profile "defualt" in .*; its profiles are default; did you mean "default"\?/,
    ],
    [
      'a current profile that does not exist',
      { config: { current: 'gone', profiles: [ak] } },
      /^PROFILE_UNKNOWN: there is no profile "gone"/,
    ],
    ['a profile and no file', { profile: 'any' }, /^PROFILE_UNKNOWN: .*there are no profiles/],
    [
      'a profile by the environment and no file',
      { env: { ALIBABA_CLOUD_PROFILE: 'any' } },
      /^PROFILE_UNKNOWN: /,
    ],
    [
      'a mode that is none',
      { config: { profiles: [{ ...ak, mode: 'RamRolArn' }] } },
      /^PROFILE_INVALID: profile "default" .*"RamRolArn" is none .*nearest is RamRoleArn/,
    ],
    [
      'a mode without what it needs',
      { config: { profiles: [{ ...ak, mode: 'RamRoleArn' }] } },
      /^PROFILE_INVALID: .*RamRoleArn needs ram_role_arn/,
    ],
    [
      'half a key',
      { config: { profiles: [{ ...ak, access_key_id: '' }] } },
      /^PROFILE_INVALID: .*AK needs access_key_id/,
    ],
    [
      'a source that does not exist',
      { config: { profiles: [{ name: 'a', ...chain, source_profile: 'b' }] } },
      /^PROFILE_INVALID: .*source_profile "b" does not exist/,
    ],
    [
      'a circle of sources',
      {
        config: {
          profiles: [
            { name: 'a', ...chain, source_profile: 'b' },
            { name: 'b', ...chain, source_profile: 'a' },
          ],
        },
      },
      /^PROFILE_INVALID: .*a -> b -> a/,
    ],
    [
      'a URI that is none',
      { env: { ALIBABA_CLOUD_CREDENTIALS_URI: 'ftp://x' } },
      /^CONFIG_INVALID: ALIBABA_CLOUD_CREDENTIALS_URI/,
    ],
  ])('%s', async (_what, given, says) => {
    const said = await failed(given);
    expect(said).toMatch(says);
    expect(said).not.toContain('secret"');
    expect(said).not.toContain('file-secret');
  });

  it('a role that may not be assumed', async () => {
    const body = {
      Code: 'NoPermission',
      Message: 'You are not authorized to do this action.',
      RequestId: 'R-1',
    };
    const sts = await credentialsServer(() => ({ status: 403, body }), { tls: true });
    const profiles = [{ ...ak, mode: 'RamRoleArn', ram_role_arn: role, sts_endpoint: new URL(sts.url).host }];
    const said = await failed({ config: { profiles } });
    expect(said).toMatch(
      /^CREDENTIALS_REFUSED: profile "default" of .*, role acs:ram::1234567890123456:role\/auditor: .*NoPermission: You are not authorized/,
    );
    expect(said).not.toContain('Signature');
  });

  it.each<[what: string, body: unknown, status: number]>([
    ['no token', { AccessKeyId: 'STS.x', AccessKeySecret: 'leaking-secret' }, 200],
    ['no date', { ...issuedKeys('STS.x', 'never'), AccessKeySecret: 'leaking-secret' }, 200],
    ['no JSON', 'AccessKeySecret=leaking-secret', 200],
    ['a page of HTML', '<html>leaking-secret</html>', 502],
  ])('a credentials URI that answers with %s', async (_what, body, status) => {
    const server = await credentialsServer(() => ({ status, body }));
    const said = await failed({ env: { ALIBABA_CLOUD_CREDENTIALS_URI: `${server.url}/?key=in-the-query` } });
    expect(said).toMatch(/^CREDENTIALS_REFUSED: ALIBABA_CLOUD_CREDENTIALS_URI \(http:\/\/127/);
    expect(said).not.toMatch(/leaking-secret|in-the-query/);
  });

  it('a credentials URI where nobody listens', async () => {
    const said = await failed({ env: { ALIBABA_CLOUD_CREDENTIALS_URI: 'http://127.0.0.1:1/x' } });
    expect(said).toMatch(/^CREDENTIALS_UNREACHABLE: .*ECONNREFUSED/);
  });
});
