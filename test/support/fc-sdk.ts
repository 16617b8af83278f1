import FcClient, {
  CreateFunctionInput,
  CreateFunctionRequest,
  CreateTriggerInput,
  CreateTriggerRequest,
  InputCodeLocation,
  PutAsyncInvokeConfigInput,
  PutAsyncInvokeConfigRequest,
  UpdateFunctionInput,
  UpdateFunctionRequest,
  UpdateTriggerInput,
  UpdateTriggerRequest,
} from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import OSS, { type ClientOptions } from 'ali-oss';
import { strToU8, zipSync } from 'fflate';
import { onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { CloudOptions } from '../../local/cloud-options.ts';
import { hour } from '../../shared/platform/instant.ts';
import { patientLimit } from './patient-limit.ts';

/** The account of the embedded cloud. */
export const localAccount = '1000000000000001';

export const roleArn = (name: string): string => `acs:ram::${localAccount}:role/${name}`;
export const bucketArn = (name: string): string => `acs:oss:cn-hangzhou:${localAccount}:${name}`;
export const fcArn = (name: string): string => `acs:fc:cn-hangzhou:${localAccount}:functions/${name}`;

/** A package of code whose index.js is the given text. */
export const zipOf = (code: string): Buffer => Buffer.from(zipSync({ 'index.js': strToU8(code) }));

/** The same as CreateFunction and UpdateFunction take it. */
export const codeOf = (code: string): InputCodeLocation =>
  new InputCodeLocation({ zipFile: zipOf(code).toString('base64') });

/** Some fields of a model of the client; undefined leaves out what the helper would send. */
type Changes<Model> = { readonly [Field in keyof Model]?: Model[Field] | undefined };

/** Alibaba's own client of the Function Compute API, pointed at an embedded cloud, with the calls that the tests make. */
export function fcSdk({ port }: Pick<Cloud, 'port'>, key = { id: 'holdfast', secret: 'holdfast-secret' }) {
  const client = new FcClient(
    new $OpenApiUtil.Config({
      accessKeyId: key.id,
      accessKeySecret: key.secret,
      regionId: 'cn-hangzhou',
      protocol: 'http',
      endpoint: `127.0.0.1:${port}`,
      // Its own limits are a few seconds, which a busy machine may take for a connection.
      connectTimeout: 300_000,
      readTimeout: 300_000,
    }),
  );
  return {
    client,
    create: async (functionName: string, settings: Changes<CreateFunctionInput> = {}) => {
      const body = new CreateFunctionInput({ ...usualSettings, functionName, ...settings });
      return (await client.createFunction(new CreateFunctionRequest({ body }))).body;
    },
    update: async (name: string, settings: Changes<UpdateFunctionInput>) => {
      const body = new UpdateFunctionInput(settings);
      return (await client.updateFunction(name, new UpdateFunctionRequest({ body }))).body;
    },
    createTrigger: async (name: string, trigger: Changes<CreateTriggerInput>) => {
      const body = new CreateTriggerInput({ ...ossTriggerOf('records'), ...trigger });
      return (await client.createTrigger(name, new CreateTriggerRequest({ body }))).body;
    },
    updateTrigger: async (name: string, trigger: string, changes: Changes<UpdateTriggerInput>) => {
      const body = new UpdateTriggerInput(changes);
      return (await client.updateTrigger(name, trigger, new UpdateTriggerRequest({ body }))).body;
    },
    putAsync: async (name: string, config: Changes<PutAsyncInvokeConfigInput>) => {
      const body = new PutAsyncInvokeConfigInput(config);
      return (await client.putAsyncInvokeConfig(name, new PutAsyncInvokeConfigRequest({ body }))).body;
    },
  };
}

const usualSettings = {
  runtime: 'nodejs20',
  handler: 'index.handler',
  role: roleArn('worker'),
  memorySize: 256,
  cpu: 0.25,
  // Minutes: no test is to meet the limit because the machine is slow.
  timeout: 600,
};

/** What CreateTrigger takes for the uploads of a bucket. */
export function ossTriggerOf(bucket: string, key = { prefix: '', suffix: '' }) {
  return {
    triggerName: `uploads-${bucket}`,
    triggerType: 'oss',
    sourceArn: bucketArn(bucket),
    invocationRole: roleArn('trigger'),
    triggerConfig: JSON.stringify({ events: ['oss:ObjectCreated:PutObject'], filter: { key } }),
  };
}

/** A RAM policy that allows actions on resources. */
export const policyOf = (
  ...statements: readonly (readonly [actions: string[], resources: string[]])[]
): string =>
  JSON.stringify({
    Version: '1',
    Statement: statements.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
  });

/** Calls `/_local/ram/ACTION` or `/_local/sls/ACTION`, as the stand-in of Alibaba's command line does. */
export async function callLocal(
  cloud: Pick<Cloud, 'url'>,
  call: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const reply = await fetch(`${cloud.url}/_local/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
  });
  return { status: reply.status, body: await reply.json() };
}

/** Makes a role that services may take on, with one policy of its own name. */
export async function makeRole(cloud: Cloud, name: string, policy: string): Promise<void> {
  const Service = ['fc.aliyuncs.com', 'oss.aliyuncs.com'];
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } };
  const trust = JSON.stringify({ Version: '1', Statement: [statement] });
  const custom = { PolicyName: name, PolicyType: 'Custom' };
  await callLocal(cloud, 'ram/CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust });
  await callLocal(cloud, 'ram/CreatePolicy', { ...custom, PolicyDocument: policy });
  await callLocal(cloud, 'ram/AttachPolicyToRole', { ...custom, RoleName: name });
}

/** Gives the policy of a role another document, as its new default version. */
export async function changeRole(cloud: Cloud, name: string, policy: string): Promise<void> {
  const version = { PolicyName: name, PolicyDocument: policy, SetAsDefault: 'true' };
  await callLocal(cloud, 'ram/CreatePolicyVersion', version);
}

/** Makes a log project with a logstore. */
export async function makeLogs(cloud: Cloud, projectName: string, logstoreName: string): Promise<void> {
  await callLocal(cloud, 'sls/CreateProject', { projectName });
  await callLocal(cloud, 'sls/CreateLogStore', { projectName, logstoreName, ttl: '30' });
}

/** A client of ali-oss for an embedded cloud. */
export function ossOf(cloud: Pick<Cloud, 'url'>, bucket: string, keys: Partial<ClientOptions> = {}) {
  const own = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret', refreshSTSTokenInterval: hour };
  return new OSS({ endpoint: cloud.url, bucket, ...own, ...keys });
}

/**
 * Starts an embedded cloud without s.yaml that functions can be deployed to: the bucket `records`, the roles `worker` (which
 * may do everything with objects and functions) and `trigger`.
 * @param whenFinished ends it with the test unless given
 */
export async function emptyCloud(
  options: CloudOptions = {},
  whenFinished: (end: () => Promise<void>) => void = onTestFinished,
): Promise<Cloud> {
  const cloud = await startCloud({ instances: 'threads', timeLimit: patientLimit, ...options });
  whenFinished(() => cloud.close());
  await makeRole(cloud, 'worker', policyOf([['oss:*', 'fc:*'], ['*']]));
  await makeRole(cloud, 'trigger', policyOf([['fc:InvokeFunction'], [`${fcArn('*')}`]]));
  await ossOf(cloud, 'records', options.accessKeys?.[0]).putBucket('records');
  return cloud;
}
