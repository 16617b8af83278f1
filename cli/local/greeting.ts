import { resolve } from 'node:path';
import type { Cloud } from '../../local/cloud.ts';
import type { FunctionRuntime } from '../../local/fc/runtime.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { shellWord } from '../../shared/platform/shell-word.ts';
import { columnsOf } from '../../shared/terminal/columns.ts';
import { wrapUnder } from '../../shared/terminal/wrap.ts';

/** The region of the embedded cloud. */
export const localRegion = 'cn-hangzhou';

/** Collects what a program needs to know of the cloud that runs now. */
export function localFacts(
  cloud: Cloud,
  rules: string | undefined,
  template: string | undefined,
  isEmpty: boolean,
) {
  const functions = functionsOf(cloud.fc);
  const functionGraph = functionsOf(cloud.graph);
  return {
    url: cloud.url,
    region: localRegion,
    ...defaultAccessKey,
    time: formatInstant(cloud.time.now()),
    rules,
    template,
    functions,
    ...(functionGraph.length > 0 && { functionGraph }),
    roles: cloud.roles.functions,
    agencies: cloud.agencies.functions,
    variables: isEmpty ? deployVariables(cloud) : userVariables(cloud, rules),
    ...(cloud.obs && { obs: { url: cloud.obs.url, region: cloud.obs.region } }),
  };
}

const functionsOf = ({ functions }: FunctionRuntime) =>
  [...functions.values()].map(({ functionName, triggers }) => ({
    name: functionName,
    triggers: triggers.map(({ triggerName, triggerType }) => ({ name: triggerName, type: triggerType })),
  }));

/**
 * The variables that point tools at the cloud: the first two the component fc3 of Serverless Devs (0.1.22), the next Holdfast,
 * the last SDKs.
 */
const deployVariables = ({ url, accountId }: Cloud) => ({
  FC_CLIENT_CUSTOM_ENDPOINT: url,
  FC_CODE_TEMP_OSS_ENDPOINT: url,
  HOLDFAST_OSS_ENDPOINT: url,
  HOLDFAST_FC_ENDPOINT: url,
  HOLDFAST_REGION: localRegion,
  ALIBABA_CLOUD_ACCOUNT_ID: accountId,
  ALIBABA_CLOUD_ACCESS_KEY_ID: defaultAccessKey.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: defaultAccessKey.accessKeySecret,
});

/** The variables that point `holdfast` at the cloud; those of a cloud that is not served are left out. */
function userVariables({ url, obs }: Cloud, rules: string | undefined): Record<string, string> {
  const { accessKeyId, accessKeySecret } = defaultAccessKey;
  return {
    ...(obs?.url === url
      ? {}
      : {
          HOLDFAST_OSS_ENDPOINT: url,
          HOLDFAST_FC_ENDPOINT: url,
          HOLDFAST_REGION: localRegion,
          OSS_ACCESS_KEY_ID: accessKeyId,
          OSS_ACCESS_KEY_SECRET: accessKeySecret,
        }),
    ...(obs && {
      HOLDFAST_OBS_ENDPOINT: obs.url,
      HW_REGION_NAME: obs.region,
      OBS_ACCESS_KEY_ID: accessKeyId,
      OBS_SECRET_ACCESS_KEY: accessKeySecret,
    }),
    ...(rules === undefined ? {} : { HOLDFAST_RULES: resolve(rules) }),
  };
}

/** Tells people how to reach the cloud. The first line is for programs that wait for it. */
export function localGreeting(
  cloud: Cloud,
  rules: string | undefined,
  template: string | undefined,
  isEmpty: boolean,
): string {
  const { url, accessKeyId, accessKeySecret, time, functions, roles, variables } = localFacts(
    cloud,
    rules,
    template,
    isEmpty,
  );
  const runs = functions.map(({ name, triggers }) =>
    triggers.length === 0 ? name : `${name} (${triggers.map((each) => each.name).join(', ')})`,
  );
  return [
    `listening on ${url}`,
    '',
    ...(cloud.obs?.url === url ? [] : [labelled('region', localRegion)]),
    labelled('access key', `${accessKeyId} / ${accessKeySecret}`),
    ...(cloud.obs?.url === url ? [] : ossLines(url)),
    ...obsLines(cloud),
    labelled('rules', rules ?? "the functions' own"),
    labelled('functions', functionsLine(runs, isEmpty, cloud)),
    labelled('roles', rolesLine(roles, isEmpty)),
    isEmpty ? 'deploy' : labelled('shell', 'paste these lines, and every command goes here'),
    ...Object.entries(variables).map(exportLine),
    labelled('time', `${time}; move it:`),
    `  curl --json '{"advance":"21h"}' ${url}/_local/clock`,
    labelled('console', `${url}/_local/`),
    labelled('admin API', `${url}/_local/health`),
    '',
  ].join('\n');
}

/** Makes a line of the greeting. On a terminal it breaks between words, and what follows stands under its text. */
export const labelled = (label: string, text: string): string =>
  wrapUnder(label.padEnd(13), text, columnsOf(process.stdout));

const exportLine = ([name, value]: readonly [string, string]): string =>
  `  export ${name}=${shellWord(value)}`;

function functionsLine(runs: readonly string[], isEmpty: boolean, { graph }: Cloud): string {
  if (runs.length === 0 && graph.functions.size > 0) return 'none on OSS, which is not served';
  if (runs.length === 0) return isEmpty ? 'none yet: deploy them' : 'none: there is no s.yaml here';
  return isEmpty ? runs.join(', ') : `${runs.join(', ')}; every bucket fires them`;
}

function rolesLine(roles: readonly string[], isEmpty: boolean): string {
  if (isEmpty) return 'enforced: a function may do what the policies of its role allow';
  if (roles.length > 0) return `${roles.join(', ')} may do what their policies allow`;
  return 'not enforced: functions may do everything';
}

/** Tells how clients reach OSS. */
function ossLines(url: string): string[] {
  const { accessKeyId, accessKeySecret } = defaultAccessKey;
  return [
    'client       new OSS({',
    `  endpoint: '${url}', region: 'oss-${localRegion}',`,
    `  accessKeyId: '${accessKeyId}', accessKeySecret: '${accessKeySecret}' })`,
  ];
}

/** Tells where OBS is and how a client reaches it. */
function obsLines({ obs, graph }: Cloud): string[] {
  if (obs === undefined) return [];
  const { accessKeyId, accessKeySecret } = defaultAccessKey;
  const names = [...graph.functions.keys()];
  return [
    labelled('OBS', `${obs.url}, region ${obs.region}`),
    'OBS client   new ObsClient({',
    `  server: '${obs.url}', access_key_id: '${accessKeyId}',`,
    `  secret_access_key: '${accessKeySecret}' })`,
    ...(names.length > 0 ? [labelled('on OBS', `${names.join(', ')}; every bucket fires them`)] : []),
  ];
}
