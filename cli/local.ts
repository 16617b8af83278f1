import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { type Cloud, startCloud } from '../local/cloud.ts';
import type { CloudOptions } from '../local/cloud-options.ts';
import { defaultAccessKey } from '../local/keyring.ts';
import { parseFaults } from '../local/oss/faults/rules.ts';
import { readTerraformFile } from '../shared/deploy/graph/terraform-file.ts';
import { type Address, formatAddress } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { allIssues } from '../shared/platform/first-issue.ts';
import { readWrittenRulesFile } from '../shared/rules/read.ts';
import { invocationLine, undeliveredLine } from './local/events.ts';
import { localFacts, localGreeting, localRegion } from './local/greeting.ts';
import { printLocalLine } from './local/lines.ts';
import { addObjectCommands } from './local/objects.ts';
import {
  collectAccessKey,
  collectHost,
  type LocalCloudOptions,
  readClock,
  readClouds,
  readPort,
  readUploadAddress,
} from './local/options.ts';
import { copyRules, followFiles, readLocalFiles } from './local/reload.ts';
import { readText } from './options/read-text.ts';
import { onInterrupt } from './terminal/interrupt.ts';
import { color, print, prose } from './terminal/output.ts';

export function configure(command: Command): void {
  command
    .option('--port <number>', 'port to listen on; 0: a free one', readPort, 9000)
    .option(
      '--host <host>',
      'IP address to listen on (0.0.0.0: all) instead of 127.0.0.1, or a further name that clients use; can be given again',
      collectHost,
    )
    .option(
      '--access-key <id:secret>',
      'access key of somebody else, beside holdfast:holdfast-secret, to try approvals with; can be given again',
      collectAccessKey,
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
      readClock,
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

async function local(options: LocalCloudOptions): Promise<void> {
  const isEmpty = options.empty === true;
  checkServed(options);
  const { rules, template } = filesOf(options);
  const policies = await policiesOf(options, template);
  const faults = options.faults === undefined ? undefined : await readFaults(options.faults);
  process.stdout.once('error', () => process.exit()); // nobody hears of it any more
  const stopped = untilStopped(); // before anybody can see that it runs, and end it
  const files = await readLocalFiles(rules, template);
  const copy = await copyRules(rules, options.cloud);
  const cloud = await startCloud({
    port: options.port,
    ...servedUnder(options.host),
    accessKeys: [defaultAccessKey, ...(options.accessKey ?? [])],
    region: localRegion,
    ...servedClouds(options),
    // Buckets come and go here, and s.yaml names those of the account it is deployed to.
    everyBucket: !isEmpty,
    ...(copy.file === undefined ? {} : { rules: copy.file }),
    ...(template === undefined ? {} : { template }),
    ...policies,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(faults === undefined ? {} : { faults }),
    ...(options.data === undefined ? {} : { data: options.data }),
    onUndelivered: (event) =>
      options.json === true ? printLocalLine('undelivered', event) : print(prose(undeliveredLine(event))),
    ...(options.quiet === true
      ? {}
      : {
          onInvocation: (run) =>
            options.json === true ? printLocalLine('invocation', run) : print(prose(invocationLine(run))),
        }),
  }).catch(async (cause: NodeJS.ErrnoException) => {
    await copy.remove();
    if (cause.syscall !== 'listen') throw cause;
    throw failure('PORT_UNUSABLE', { port: options.port, reason: cause.message }, { cause });
  });
  if (options.json === true) printLocalLine('ready', localFacts(cloud, rules, template, isEmpty));
  else print(localGreeting(cloud, rules, template, isEmpty));
  try {
    await serve(cloud, options);
    await followFiles(cloud, files, copy, options, stopped);
  } finally {
    await cloud.close();
    await copy.remove();
  }
}

/**
 * Finds the policies that functions run under, when they are to be enforced: those beside s.yaml. The functions that ship run for a folder
 * of `init --cloud obs`, under the policies that are deployed from there.
 * @throws FILE_UNREADABLE, TEMPLATE_INVALID
 */
async function policiesOf(
  { enforceRoles }: LocalCloudOptions,
  template: string | undefined,
): Promise<Pick<CloudOptions, 'policies' | 'iamPolicies'>> {
  if (template === undefined || enforceRoles !== true) return {};
  const [policies, iamFolder] = ['ram', 'iam'].map((folder) => whereThere(join(dirname(template), folder)));
  const terraform = whereThere('s.yaml') === undefined ? whereThere('main.tf.json') : undefined;
  const iamPolicies = terraform === undefined ? iamFolder : await agencyPoliciesOf(terraform);
  return { ...(policies !== undefined && { policies }), ...(iamPolicies !== undefined && { iamPolicies }) };
}

/** Returns the policies of a main.tf.json by the folders of the functions' code. */
async function agencyPoliciesOf(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const functions = readTerraformFile(await readText(file), file);
  return new Map(functions.map(({ name, policies }) => [name, policies]));
}

/** @throws ADDRESS_CLOUD for an upload to a cloud that is not served */
function checkServed({ upload, cloud: [served = 'oss', ...others] }: LocalCloudOptions): void {
  if (upload === undefined || [served, ...others].includes(upload.cloud)) return;
  throw failure('ADDRESS_CLOUD', { target: formatAddress(upload.cloud, upload), served });
}

/**
 * The files that are given, and those that are there; what is deployed to an empty cloud brings its own rules. The demo works in an empty
 * folder, and a folder of `init --cloud obs` has no s.yaml: there the functions that ship run, by the rules that are there or else ship.
 */
function filesOf({ empty, demo, rules, template }: LocalCloudOptions) {
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

async function serve(cloud: Cloud, options: LocalCloudOptions): Promise<void> {
  if (options.demo === true) await fillWithDemo(cloud, options);
  if (options.upload !== undefined) await tryUpload(cloud, options.upload, options);
}

async function fillWithDemo(cloud: Cloud, options: LocalCloudOptions): Promise<void> {
  const { demoLine, fillClouds } = await import('./local/demo.ts');
  const demo = await fillClouds(cloud, options.cloud);
  if (options.json === true) printLocalLine('demo', { clouds: demo });
  else print(color.bold(demo.map(demoLine).join('\n')));
}

async function tryUpload(cloud: Cloud, at: Address, options: LocalCloudOptions): Promise<void> {
  const { upload, uploadLine } = await import('./local/upload.ts');
  const { rules: file } = filesOf(options);
  const rules = file === undefined ? undefined : await readWrittenRulesFile(file);
  const uploaded = await upload(cloud, at, rules?.audit?.get(at.cloud)?.bucket);
  if (options.json === true) printLocalLine('uploaded', uploaded);
  else print(color.bold(prose(uploadLine(uploaded))));
}

/** @throws FILE_UNREADABLE, FAULTS_INVALID */
async function readFaults(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    const faults: unknown = JSON.parse(text);
    parseFaults(faults);
    return faults;
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? allIssues(cause, 'the file') : String(cause);
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

/** The next port is OBS's unless another one is named. */
const servedClouds = ({ cloud, port, obsPort }: LocalCloudOptions) => ({
  clouds: cloud,
  obsPort: obsPort ?? (port === 0 ? 0 : port + 1),
});

const whereThere = (file: string): string | undefined => (existsSync(file) ? file : undefined);

/** Addresses are listened on; names are what requests may have in `Host`. */
function servedUnder(hosts: readonly string[] = []): Pick<CloudOptions, 'host' | 'names'> {
  const address = hosts.find((host) => isIP(host) !== 0);
  return {
    ...(address === undefined ? {} : { host: address }),
    names: hosts.filter((host) => isIP(host) === 0),
  };
}
