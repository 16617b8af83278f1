import OpenApi, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { expect, onTestFinished, test } from 'vitest';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { callLocal, policyOf } from '../../support/fc-sdk.ts';

const trust = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
});
const reading = policyOf([['oss:GetObject'], ['acs:oss:*:*:records/*']]);

async function anyCloud(): Promise<Cloud> {
  const cloud = await startCloud();
  onTestFinished(() => cloud.close());
  return cloud;
}

/** Calls RAM by Alibaba's own request layer, which signs with ACS3-HMAC-SHA256. */
async function callRam(
  cloud: Cloud,
  action: string,
  body: Record<string, string>,
  secret = 'holdfast-secret',
) {
  const client = new OpenApi(
    new $OpenApiUtil.Config({
      accessKeyId: 'holdfast',
      accessKeySecret: secret,
      endpoint: `127.0.0.1:${cloud.port}`,
      protocol: 'http',
      // Its own limits are a few seconds, which a busy machine may take for a connection.
      connectTimeout: 300_000,
      readTimeout: 300_000,
    }),
  );
  const call = { version: '2015-05-01', protocol: 'HTTP', method: 'POST', pathname: '/', style: 'RPC' };
  const types = { authType: 'AK', reqBodyType: 'formData', bodyType: 'json' };
  const params = new $OpenApiUtil.Params({ action, ...call, ...types });
  return await client.callApi(params, new $OpenApiUtil.OpenApiRequest({ body }), new RuntimeOptions({}));
}

test('roles and policies are made by RAM calls that are signed, and by those of this machine', async () => {
  const cloud = await anyCloud();
  const made = await callRam(cloud, 'CreateRole', { RoleName: 'worker', AssumeRolePolicyDocument: trust });
  expect(made).toMatchObject({ body: { Role: { Arn: 'acs:ram::1000000000000001:role/worker' } } });
  const custom = { PolicyName: 'reading', PolicyType: 'Custom' };
  await callRam(cloud, 'CreatePolicy', { ...custom, PolicyDocument: reading });
  await callLocal(cloud, 'ram/AttachPolicyToRole', { ...custom, RoleName: 'worker' });
  expect(await callRam(cloud, 'ListPoliciesForRole', { RoleName: 'worker' })).toMatchObject({
    body: { Policies: { Policy: [{ ...custom, DefaultVersion: 'v1' }] } },
  });
  expect(await callRam(cloud, 'GetPolicy', custom)).toMatchObject({
    body: { DefaultPolicyVersion: { VersionId: 'v1', PolicyDocument: reading } },
  });
});

test('what is not there, is there already, or is no policy is refused with the code of RAM', async () => {
  const cloud = await anyCloud();
  const refusal = async (action: string, parameters: Record<string, string>) => {
    const { status, body } = await callLocal(cloud, `ram/${action}`, parameters);
    return [status, Object(body).Code];
  };
  const role = { RoleName: 'worker', AssumeRolePolicyDocument: trust };
  const policy = { PolicyName: 'reading', PolicyType: 'Custom', PolicyDocument: reading };
  await callLocal(cloud, 'ram/CreateRole', role);
  await callLocal(cloud, 'ram/CreatePolicy', policy);
  await callLocal(cloud, 'ram/AttachPolicyToRole', { ...role, ...policy });
  expect(await refusal('GetRole', { RoleName: 'none' })).toEqual([404, 'EntityNotExist.Role']);
  expect(await refusal('GetRole', {})).toEqual([400, 'MissingParameter.RoleName']);
  expect(await refusal('CreateRole', role)).toEqual([409, 'EntityAlreadyExists.Role']);
  expect(await refusal('CreatePolicy', policy)).toEqual([409, 'EntityAlreadyExists.Policy']);
  expect(await refusal('GetPolicy', { PolicyName: 'none' })).toEqual([404, 'EntityNotExist.Policy']);
  expect(await refusal('AttachPolicyToRole', { ...role, ...policy })).toEqual([
    409,
    'EntityAlreadyExists.Role.Policy',
  ]);
  expect(await refusal('DeleteRole', role)).toEqual([409, 'DeleteConflict.Role.Policy']);
  expect(await refusal('DeletePolicy', policy)).toEqual([409, 'DeleteConflict.Policy.Role']);
  const wrong = { PolicyName: 'wrong', PolicyDocument: '{"Version":"2"}' };
  expect(await refusal('CreatePolicy', wrong)).toEqual([400, 'MalformedPolicyDocument']);
  const nobody = { RoleName: 'nobody', AssumeRolePolicyDocument: '{}' };
  expect(await refusal('CreateRole', nobody)).toEqual([400, 'MalformedPolicyDocument']);
  expect(await refusal('Unknown', {})).toEqual([404, 'InvalidAction.NotFound']);
});

test('a policy has five versions at most, and the oldest that is not in force makes room when asked for', async () => {
  const cloud = await anyCloud();
  const named = { PolicyName: 'reading', PolicyDocument: reading };
  await callLocal(cloud, 'ram/CreatePolicy', named);
  for (let count = 0; count < 4; count += 1) await callLocal(cloud, 'ram/CreatePolicyVersion', named);
  const full = await callLocal(cloud, 'ram/CreatePolicyVersion', named);
  expect([full.status, Object(full.body).Code]).toEqual([409, 'LimitExceeded.Policy.Version']);
  const rotating = {
    ...named,
    RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded',
    SetAsDefault: 'true',
  };
  expect((await callLocal(cloud, 'ram/CreatePolicyVersion', rotating)).status).toBe(200);
  const { body } = await callLocal(cloud, 'ram/ListPolicyVersions', named);
  const versions: { VersionId: string; IsDefaultVersion: boolean }[] =
    Object(body).PolicyVersions.PolicyVersion;
  expect(versions.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
    ...['v1', 'v3', 'v4', 'v5'].map((id) => [id, false]),
    ['v6', true],
  ]);
});

test('a wrong secret is refused with the codes of the gateway of RPC APIs', async () => {
  const cloud = await anyCloud();
  await expect(callRam(cloud, 'ListRoles', {}, 'wrong')).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
    statusCode: 400,
  });
});

test('log projects and logstores are made once, and one of another account cannot be used', async () => {
  const cloud = await anyCloud();
  const call = async (action: string, parameters: Record<string, string>) => {
    const { status, body } = await callLocal(cloud, `sls/${action}`, {
      projectName: 'logs',
      logstoreName: 'functions',
      ...parameters,
    });
    return [status, Object(body).errorCode];
  };
  expect(await call('GetProject', {})).toEqual([404, 'ProjectNotExist']);
  expect(await call('CreateProject', {})).toEqual([200, undefined]);
  expect(await call('CreateProject', {})).toEqual([400, 'ProjectAlreadyExist']);
  expect(await call('GetLogStore', {})).toEqual([404, 'LogStoreNotExist']);
  expect(await call('CreateLogStore', { ttl: '90' })).toEqual([200, undefined]);
  expect(await call('CreateLogStore', {})).toEqual([400, 'LogStoreAlreadyExist']);
  expect(await call('GetIndex', {})).toEqual([404, 'IndexConfigNotExist']);
  expect(await call('CreateIndex', { body: '{}' })).toEqual([200, undefined]);
  expect(await call('CreateIndex', { body: '{}' })).toEqual([400, 'IndexAlreadyExist']);
  await call('CreateProject', { projectName: 'taken', foreign: 'true' });
  expect(await call('GetProject', { projectName: 'taken' })).toEqual([401, 'Unauthorized']);
  expect(await call('CreateProject', { projectName: 'taken' })).toEqual([400, 'ProjectAlreadyExist']);
});
