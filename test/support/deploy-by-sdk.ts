import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import {
  CreateFunctionInput,
  CreateFunctionRequest,
  CreateTriggerInput,
  CreateTriggerRequest,
  GetFunctionRequest,
  InputCodeLocation,
  ListTriggersRequest,
  PutAsyncInvokeConfigInput,
  PutAsyncInvokeConfigRequest,
  PutConcurrencyConfigRequest,
  PutConcurrencyInput,
  UpdateFunctionInput,
  UpdateFunctionRequest,
  UpdateTriggerInput,
  UpdateTriggerRequest,
} from '@alicloud/fc20230330';
import { zipSync } from 'fflate';
import * as z from 'zod';
import { readPolicies } from '../../cli/options/read-policies.ts';
import type { Cloud } from '../../local/cloud.ts';
import { isDeployed } from '../../shared/deploy/code-package.ts';
import {
  type FunctionProps,
  loadTemplate,
  type Template,
  type Trigger,
} from '../../shared/deploy/template.ts';
import { infrastructureOf } from '../../shared/init/account/infrastructure.ts';
import { setupScript } from '../../shared/init/account/shell.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { type StandInAccount, standInId } from './aliyun.ts';
import { callFc } from './fc-client.ts';
import { callLocal, fcSdk, ossOf } from './fc-sdk.ts';

const uploadToken = z.object({
  credentials: z.object({ AccessKeyId: z.string(), AccessKeySecret: z.string(), SecurityToken: z.string() }),
  ossBucket: z.string(),
  objectName: z.string(),
});

/** Uploads a package of code as the component fc3 does, into the place that tempBucketToken names. */
export async function uploadCode(cloud: Cloud, zip: Buffer): Promise<InputCodeLocation> {
  const reply = await callFc(cloud, '', { method: 'GET', path: '/2016-08-15/tempBucketToken' });
  const { credentials, ossBucket, objectName } = uploadToken.parse(await reply.json());
  const { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: stsToken } = credentials;
  const ossObjectName = `${cloud.accountId}/${objectName}`;
  await ossOf(cloud, ossBucket, { accessKeyId, accessKeySecret, stsToken }).put(ossObjectName, zip);
  return new InputCodeLocation({ ossBucketName: ossBucket, ossObjectName });
}

/** The files of a built function as a package, with other rules. */
function packageOf(folder: string, rules: string): Buffer {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile() && isDeployed(name) && !name.startsWith('rules.'))
    .map((name) => [relative('.', name), new Uint8Array(readFileSync(join(folder, name)))] as const);
  return Buffer.from(
    zipSync(Object.fromEntries([...files, ['rules.yaml', new TextEncoder().encode(rules)]]), {
      level: 1,
      mtime: '1980-01-02T00:00:00Z',
    }),
  );
}

/**
 * Deploys a template as `s deploy` with the component fc3 does, call by call: each function is created or updated, then its
 * triggers (an update without the source), then its asynchronous invocations and its reserved instances.
 */
export async function deployBySdk(cloud: Cloud, { functions }: Template, rules: string): Promise<void> {
  const { client } = fcSdk(cloud);
  const isThere = async (call: Promise<unknown>) =>
    await call.then(
      () => true,
      (error: { readonly statusCode?: number }) => {
        if (error.statusCode === 404) return false;
        throw error;
      },
    );
  const deployTrigger = async (name: string, { triggerConfig, ...rest }: Trigger) => {
    const trigger = { ...rest, triggerConfig: JSON.stringify(triggerConfig) };
    if (await isThere(client.getTrigger(name, rest.triggerName))) {
      const body = new UpdateTriggerInput(trigger);
      await client.updateTrigger(name, rest.triggerName, new UpdateTriggerRequest({ body }));
    } else {
      const body = new CreateTriggerInput(trigger);
      await client.createTrigger(name, new CreateTriggerRequest({ body }));
    }
  };
  const deployFunction = async ({
    functionName: name,
    triggers,
    asyncInvokeConfig,
    ...props
  }: FunctionProps) => {
    const { code: folder, region: _region, concurrencyConfig, ...settings } = props;
    const zip = packageOf(join('dist', basename(folder)), rules);
    const given = { ...settings, functionName: name, code: await uploadCode(cloud, zip) };
    if (await isThere(client.getFunction(name, new GetFunctionRequest()))) {
      const body = new UpdateFunctionInput(given);
      await client.updateFunction(name, new UpdateFunctionRequest({ body }));
    } else {
      const body = new CreateFunctionInput(given);
      await client.createFunction(new CreateFunctionRequest({ body }));
    }
    for (const trigger of triggers) await deployTrigger(name, trigger);
    const config = new PutAsyncInvokeConfigInput(asyncInvokeConfig);
    await client.putAsyncInvokeConfig(name, new PutAsyncInvokeConfigRequest({ body: config }));
    if (concurrencyConfig === undefined) return;
    const reserved = new PutConcurrencyInput(concurrencyConfig);
    await client.putConcurrencyConfig(name, new PutConcurrencyConfigRequest({ body: reserved }));
  };
  for (const props of functions) await deployFunction(props);
}

/** What is deployed, without the times of the last changes. */
export async function deployedState(cloud: Cloud): Promise<unknown> {
  const { client } = fcSdk(cloud);
  return await Promise.all(
    [...cloud.fc.functions.values()].map(async ({ functionName: name }) => {
      const { body: found } = await client.getFunction(name, new GetFunctionRequest());
      const { body: listed } = await client.listTriggers(name, new ListTriggersRequest());
      const triggers = listed?.triggers?.map((trigger) => ({ ...trigger, lastModifiedTime: '' }));
      return { ...found, lastModifiedTime: '', triggers };
    }),
  );
}

/** Gives the embedded cloud what the set-up script has made behind the stand-in of Alibaba's command line. */
export async function takeOver(cloud: Cloud, account: StandInAccount): Promise<void> {
  for (const RoleName of account.list('roles')) {
    const AssumeRolePolicyDocument = account.read(`roles/${RoleName}`);
    // The stand-in keeps the service's name for a service-linked role.
    if (AssumeRolePolicyDocument.startsWith('{')) {
      await callLocal(cloud, 'ram/CreateRole', { RoleName, AssumeRolePolicyDocument });
    }
  }
  for (const file of account.list('policies')) {
    const [, PolicyName = '', version] = /^(.*)\.v(\d+)$/.exec(file) ?? [];
    const PolicyDocument = account.read(`policies/${file}`);
    const made = { PolicyName, PolicyDocument, SetAsDefault: 'true' };
    const versions = await callLocal(cloud, 'ram/ListPolicyVersions', { PolicyName });
    const isNew = versions.status === 404;
    const isKnown = JSON.stringify(versions.body).includes(`"v${version}"`);
    if (isNew) await callLocal(cloud, 'ram/CreatePolicy', made);
    else if (!isKnown) await callLocal(cloud, 'ram/CreatePolicyVersion', made);
  }
  for (const file of account.list('attached')) {
    const attached = { PolicyType: 'Custom', PolicyName: account.read(`attached/${file}`), RoleName: file };
    await callLocal(cloud, 'ram/AttachPolicyToRole', attached);
  }
  for (const projectName of account.list('projects'))
    await callLocal(cloud, 'sls/CreateProject', { projectName });
  for (const file of account.list('logstores')) {
    const [projectName = '', logstoreName = ''] = file.split('.');
    await callLocal(cloud, 'sls/CreateLogStore', { projectName, logstoreName });
  }
  for (const bucket of account.list('buckets')) await ossOf(cloud, bucket).putBucket(bucket);
}

/** The s.yaml of this checkout, for a bucket. */
export const templateFor = (bucket: string): Template =>
  loadTemplate('s.yaml', { environment: { HOLDFAST_BUCKET: bucket }, accountId: standInId });

/** Runs the script of `holdfast setup` for a bucket, and has the embedded cloud take over what it has made. */
export async function setUpFor(
  cloud: Cloud,
  account: StandInAccount,
  bucket: string,
  rules: string,
): Promise<void> {
  const infrastructure = infrastructureOf({
    rules: rulesFrom(rules, 'rules.yaml'),
    functions: templateFor(bucket).functions,
    policies: await readPolicies('ram'),
    enableVersioning: [],
    enableObjectWorm: [],
  });
  const { status, stderr } = account.run(setupScript(infrastructure, 'sls.builtin'));
  if (status !== 0) throw new Error(`the set-up script ended with ${status}: ${stderr}`);
  await takeOver(cloud, account);
}
