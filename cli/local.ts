import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DateTime } from 'luxon';
import { ZodError, z } from 'zod';
import { type Cloud, type CloudOptions, startCloud } from '../local/cloud.ts';
import type { Invocation } from '../local/fc/invocations.ts';
import type { FunctionRuntime } from '../local/fc/runtime.ts';
import type { Undelivered } from '../local/fc/undelivered.ts';
import { defaultAccessKey } from '../local/keyring.ts';
import { parseFaults } from '../local/oss/faults/rules.ts';
import {
  type Address,
  type CloudName,
  formatAddress,
  isCloudName,
  parseAddress,
} from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { isBucketName } from '../shared/setup/answers.ts';
import { onInterrupt } from './interrupt.ts';
import { printLocalLine } from './local-lines.ts';
import { addObjectCommands } from './local-objects.ts';
import { copyRules, followFiles, readLocalFiles } from './local-reload.ts';
import { color, print } from './output.ts';
import { readText } from './read-text.ts';

interface Options {
  readonly json?: boolean;
  readonly port: number;
  readonly host?: readonly string[];
  readonly rules?: string;
  readonly template?: string;
  readonly clock?: Date;
  readonly data?: string;
  readonly empty?: boolean;
  readonly quiet?: boolean;
  readonly enforceRoles?: boolean;
  readonly faults?: string;
  readonly upload?: Address;
  readonly demo?: boolean;
  readonly cloud: readonly CloudName[];
  readonly obsPort?: number;
}

const region = 'cn-hangzhou';

export function configure(command: Command): void {
  command
    .option('--port <number>', 'port to listen on; 0: a free one', readPort, 9000)
    .option(
      '--host <host>',
      'IP address to listen on (0.0.0.0: all) instead of 127.0.0.1, or a further name that clients use; can be given again',
      collectHost,
    )
    .option(
      '--rules <file>',
      "rules file of the functions (default: rules.yaml here, else the functions' own)",
    )
    .option('--template <file>', 'the s.yaml whose functions run (default: s.yaml here, if there is one)')
    .addOption(
      new Option(
        '--empty',
        'start without functions, roles and log projects, as a new account: they are deployed with s or an SDK',
      ).conflicts(['template', 'enforceRoles']),
    )
    .option(
      '--clock <time>',
      'what time it is at the start (ISO 8601, UTC unless it says otherwise)',
      readInstant,
    )
    .option(
      '--enforce-roles',
      'let functions do only what the policies in ram/ and iam/ beside s.yaml allow (those of the shipped rules)',
    )
    .option('--data <dir>', 'folder that keeps buckets, objects and the time over a restart')
    .option(
      '--faults <file>',
      'what goes wrong from the start, in the JSON of /_local/faults (docs/faults.md)',
    )
    .option(
      '--upload <url>',
      'upload an object there at the start (oss://bucket/key, or obs://…), and say what became of it',
      readUploadAddress,
    )
    .addOption(
      new Option('--demo', 'fill it with the buckets, WORM policies and objects of npm start').conflicts(
        'empty',
      ),
    )
    .addOption(
      new Option('--cloud <names>', 'object stores to serve: oss, obs, or oss,obs on two ports')
        .argParser(readClouds)
        .default(['oss'], 'oss'),
    )
    .option('--obs-port <number>', 'port of OBS beside OSS (default: the next one; 0: a free one)', readPort)
    .addHelpText(
      'after',
      '\nIt runs until Ctrl-C. Without --data it keeps everything in memory. While it runs, mb, cp and ls work on it.',
    )
    .action(local);
  addObjectCommands(command);
}

async function local(options: Options): Promise<void> {
  const isEmpty = options.empty === true;
  checkServed(options);
  const { rules, template } = filesOf(options);
  const besideTemplate = (folder: string) =>
    template !== undefined && options.enforceRoles === true
      ? whereThere(join(dirname(template), folder))
      : undefined;
  const [policies, iamPolicies] = [besideTemplate('ram'), besideTemplate('iam')];
  const faults = options.faults === undefined ? undefined : await readFaults(options.faults);
  process.stdout.once('error', () => process.exit()); // nobody hears of it any more
  const stopped = untilStopped(); // before anybody can see that it runs, and end it
  const files = await readLocalFiles(rules, template);
  const copy = await copyRules(rules, options.cloud.includes('oss') ? 'oss' : 'obs');
  const cloud = await startCloud({
    port: options.port,
    ...servedUnder(options.host),
    region,
    ...servedClouds(options),
    // Buckets come and go here, and s.yaml names those of the account it is deployed to.
    everyBucket: !isEmpty,
    ...(copy.file === undefined ? {} : { rules: copy.file }),
    ...(template === undefined ? {} : { template }),
    ...(policies === undefined ? {} : { policies }),
    ...(iamPolicies === undefined ? {} : { iamPolicies }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(faults === undefined ? {} : { faults }),
    ...(options.data === undefined ? {} : { data: options.data }),
    onUndelivered: (event) =>
      options.json === true ? printLocalLine('undelivered', event) : print(undeliveredLine(event)),
    ...(options.quiet === true
      ? {}
      : {
          onInvocation: (run) =>
            options.json === true ? printLocalLine('invocation', run) : print(invocationLine(run)),
        }),
  }).catch(async (cause: NodeJS.ErrnoException) => {
    await copy.remove();
    if (cause.syscall !== 'listen') throw cause;
    throw failure('PORT_UNUSABLE', { port: options.port, reason: cause.message }, { cause });
  });
  if (options.json === true) printLocalLine('ready', facts(cloud, rules, template, isEmpty));
  else print(greeting(cloud, rules, template, isEmpty));
  try {
    await serve(cloud, options);
    await followFiles(cloud, files, copy, options, stopped);
  } finally {
    await cloud.close();
    await copy.remove();
  }
}

/** @throws ADDRESS_CLOUD for an upload to a cloud that is not served */
function checkServed({ upload, cloud: [served = 'oss', ...others] }: Options): void {
  if (upload === undefined || [served, ...others].includes(upload.cloud)) return;
  throw failure('ADDRESS_CLOUD', { target: formatAddress(upload.cloud, upload), served });
}

/**
 * The files that are given, and those that are there; what is deployed to an empty cloud brings its own rules. The demo works in an empty
 * folder, and a folder of `init --cloud obs` has no s.yaml: there the functions that ship run, by the rules that are there or else ship.
 */
function filesOf({ empty, demo, rules, template }: Options) {
  if (empty === true) return { rules, template: undefined };
  const found = {
    rules: rules ?? whereThere('rules.yaml'),
    template: template ?? whereThere('s.yaml'),
  };
  const runsShipped = demo === true || whereThere('main.tf.json') !== undefined;
  if (!runsShipped || found.template !== undefined) return found;
  return { rules: found.rules ?? shipped('dist/object-created/rules.yaml'), template: shipped('s.yaml') };
}

/** Returns the path of a file of the installed package; this code is in dist/cli. */
const shipped = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

async function serve(cloud: Cloud, options: Options): Promise<void> {
  if (options.demo === true) await fillWithDemo(cloud, options);
  if (options.upload !== undefined) await tryUpload(cloud, options.upload, options);
}

async function fillWithDemo(cloud: Cloud, options: Options): Promise<void> {
  const { demoLine, fillClouds } = await import('./local-demo.ts');
  const demo = await fillClouds(cloud, options.cloud);
  if (options.json === true) printLocalLine('demo', { clouds: demo });
  else print(color.bold(demo.map(demoLine).join('\n')));
}

async function tryUpload(cloud: Cloud, at: Address, { json }: Options): Promise<void> {
  const { upload, uploadLine } = await import('./local-upload.ts');
  const uploaded = await upload(cloud, at);
  if (json === true) printLocalLine('uploaded', uploaded);
  else print(color.bold(uploadLine(uploaded)));
}

/** @throws FILE_UNREADABLE, FAULTS_INVALID */
async function readFaults(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    const faults: unknown = JSON.parse(text);
    parseFaults(faults);
    return faults;
  } catch (cause) {
    const reason = cause instanceof ZodError ? z.prettifyError(cause) : String(cause);
    throw failure('FAULTS_INVALID', { file, reason }, { cause });
  }
}

/** Resolves at Ctrl-C, or when the process is told to end. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    onInterrupt(resolve);
    process.once('SIGTERM', () => resolve());
  });
}

function facts(cloud: Cloud, rules: string | undefined, template: string | undefined, isEmpty: boolean) {
  const functions = functionsOf(cloud.fc);
  const functionGraph = functionsOf(cloud.graph);
  return {
    url: cloud.url,
    region,
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
  HOLDFAST_REGION: region,
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
          HOLDFAST_REGION: region,
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

/** The first line is for programs that wait for it. */
function greeting(
  cloud: Cloud,
  rules: string | undefined,
  template: string | undefined,
  isEmpty: boolean,
): string {
  const { url, accessKeyId, accessKeySecret, time, functions, roles, variables } = facts(
    cloud,
    rules,
    template,
    isEmpty,
  );
  const runs = functions.map(
    ({ name, triggers }) => `${name} (${triggers.map((each) => each.name).join(', ')})`,
  );
  return [
    `listening on ${url}`,
    '',
    `region       ${region}`,
    `access key   ${accessKeyId} / ${accessKeySecret}`,
    ...(cloud.obs?.url === url ? [] : ossLines(url)),
    ...obsLines(cloud),
    `rules        ${rules ?? "the functions' own"}`,
    `functions    ${functionsLine(runs, isEmpty, cloud)}`,
    `roles        ${rolesLine(roles, isEmpty)}`,
    isEmpty ? 'deploy' : 'shell        paste these lines, and every command goes here',
    ...Object.entries(variables).map(exportLine),
    `time         ${time}; move it: curl --json '{"advance":"21h"}' ${url}/_local/clock`,
    `console      ${url}/_local/`,
    `admin API    ${url}/_local/health`,
    '',
  ].join('\n');
}

const exportLine = ([name, value]: readonly [string, string]): string =>
  `  export ${name}=${shellWord(value)}`;

/** Quotes a value for a POSIX shell where that is needed. */
const shellWord = (value: string): string =>
  /^[\w./:@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

function functionsLine(runs: readonly string[], isEmpty: boolean, { graph }: Cloud): string {
  if (runs.length === 0 && graph.functions.size > 0) return 'none on OSS, which is not served';
  if (runs.length === 0) return isEmpty ? 'none yet: deploy them' : 'none: there is no s.yaml here';
  return isEmpty ? runs.join(', ') : `${runs.join(', ')}; every bucket fires them`;
}

function rolesLine(roles: readonly string[], isEmpty: boolean): string {
  if (isEmpty) return 'enforced: a function may do what the policies of its role allow';
  if (roles.length > 0) return `${roles.join(', ')} may do what ram/ allows`;
  return 'not enforced: functions may do everything';
}

/** The one line that tells of a lost event: the service counts it, and says no more. */
function undeliveredLine({ at, kind, function: name, target, code, message }: Undelivered): string {
  const what = kind === 'destination' ? 'dead letter' : 'event of OSS';
  return `${at} ${name}: ${color.red(`${what} not delivered`)} to ${target}: ${code}: ${message}`;
}

/** The next port is OBS's unless another one is named. */
const servedClouds = ({ cloud, port, obsPort }: Options) => ({
  clouds: cloud,
  obsPort: obsPort ?? (port === 0 ? 0 : port + 1),
});

/** Tells how clients reach OSS. */
function ossLines(url: string): string[] {
  const { accessKeyId, accessKeySecret } = defaultAccessKey;
  return [
    `client       new OSS({ endpoint: '${url}', region: 'oss-${region}', accessKeyId: '${accessKeyId}', accessKeySecret: '${accessKeySecret}' })`,
    `holdfast     HOLDFAST_OSS_ENDPOINT=${url} OSS_ACCESS_KEY_ID=${accessKeyId} OSS_ACCESS_KEY_SECRET=${accessKeySecret} npx holdfast plan`,
  ];
}

/** Tells where OBS is and how a client reaches it. */
function obsLines({ obs, graph }: Cloud): string[] {
  if (obs === undefined) return [];
  const { accessKeyId, accessKeySecret } = defaultAccessKey;
  const names = [...graph.functions.keys()];
  return [
    `OBS          ${obs.url}, region ${obs.region}`,
    `OBS client   new ObsClient({ server: '${obs.url}', access_key_id: '${accessKeyId}', secret_access_key: '${accessKeySecret}' })`,
    ...(names.length > 0 ? [`on OBS       ${names.join(', ')}; every bucket fires them`] : []),
  ];
}

function invocationLine({
  cloud,
  finishedAt,
  function: name,
  trigger,
  attempt,
  status,
  error,
  result,
}: Invocation): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  const ending = error === undefined ? color.green(status) : color.red(`${status}: ${error.errorType}`);
  const said = error === undefined ? (result ?? '') : (error.errorMessage.split('\n')[0] ?? '');
  const where = cloud === 'obs' ? ' (OBS)' : '';
  return `${finishedAt ?? ''} ${name}${where} by ${trigger}${again}: ${ending} ${said}`.trimEnd();
}

const whereThere = (file: string): string | undefined => (existsSync(file) ? file : undefined);

function readClouds(text: string): CloudName[] {
  const names = text.split(',');
  const known = names.filter(isCloudName);
  if (known.length === names.length && new Set(known).size === known.length) return known;
  throw new InvalidArgumentError('Expected oss, obs, or oss,obs.');
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('Expected 0 to 65535.');
  return port;
}

/** Addresses are listened on; names are what requests may have in `Host`. */
function servedUnder(hosts: readonly string[] = []): Pick<CloudOptions, 'host' | 'names'> {
  const address = hosts.find((host) => isIP(host) !== 0);
  return {
    ...(address === undefined ? {} : { host: address }),
    names: hosts.filter((host) => isIP(host) === 0),
  };
}

/** One address at most, since there is one listener; any number of names. */
function collectHost(text: string, before: readonly string[] = []): readonly string[] {
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(text)) {
    throw new InvalidArgumentError('Expected an IP address or a host name, without port.');
  }
  if (isIP(text) !== 0 && before.some((host) => isIP(host) !== 0)) {
    throw new InvalidArgumentError('Expected one IP address at most; 0.0.0.0 listens on all.');
  }
  return [...before, text];
}

function readUploadAddress(text: string): Address {
  const at = parseAddress(text);
  if (at === undefined || at.key === '' || !isBucketName(at.bucket, at.cloud)) {
    throw new InvalidArgumentError('Expected oss://bucket/key or obs://bucket/key.');
  }
  return at;
}

function readInstant(text: string): Date {
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  if (!instant.isValid) throw new InvalidArgumentError('Expected ISO 8601, such as 2026-11-20T10:00:00Z.');
  return instant.toJSDate();
}
