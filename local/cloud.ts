import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { loadTemplate, type Template } from '../shared/deploy/template.ts';
import type { CloudName } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { failure } from '../shared/platform/errors.ts';
import { day } from '../shared/platform/instant.ts';
import { createAccount } from './account.ts';
import { createAdmin } from './admin/index.ts';
import { builtFile } from './built.ts';
import { createFunctionApi, isFunctionPath } from './fc/api.ts';
import type { DeliveryPolicy } from './fc/delivery.ts';
import { type CodeStore, createCodeStore } from './fc/deploy/code-store.ts';
import { codeBucket, createCodeUpload } from './fc/deploy/code-upload.ts';
import { createDeployment, type Deployment } from './fc/deploy/deployment.ts';
import { type FunctionRecord, recordOfProps } from './fc/deploy/record.ts';
import type { Invocation } from './fc/invocations.ts';
import type { FunctionRuntime } from './fc/runtime.ts';
import type { InstanceKind } from './fc/sandbox.ts';
import type { Undelivered } from './fc/undelivered.ts';
import type { WeatherRule } from './fc/weather.ts';
import { createGate, type Refusal } from './gate.ts';
import { sendJson } from './http.ts';
import { type Agencies, loadAgencies } from './iam/roles.ts';
import { emptyState, type KeptState, readKept } from './kept-state.ts';
import { type AccessKey, createKeyring, defaultAccessKey } from './keyring.ts';
import { openPorts, type ServedObs, serveObs } from './obs/served.ts';
import { obsShareOf, ossShareOf } from './obs/store.ts';
import { createFaults } from './oss/faults/index.ts';
import { createOss, type Oss } from './oss/index.ts';
import { memoryStore } from './oss/store/memory.ts';
import type { Store } from './oss/store/store.ts';
import { type Platforms, startPlatforms } from './platforms.ts';
import { createRamApi } from './ram/api.ts';
import { loadRoles, type PolicyFiles, type Roles } from './ram/roles.ts';
import { createRamServer, isRamRequest } from './ram/serve.ts';
import { letterPlaces } from './views/letter-places.ts';
import { readVersion } from './views/read-version.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface CloudOptions {
  /** 0, which is the default: a free one. */
  readonly port?: number;
  /** The IP address to listen on; 127.0.0.1 (and ::1 beside it) unless given. */
  readonly host?: string;
  /** Further names that requests may have in `Host`, each with its subdomains; see {@link createGate}. */
  readonly names?: readonly string[];
  /** The s.yaml whose functions run; none run without it. */
  readonly template?: string;
  /** This is what the `code` paths of the template start from; its own folder unless given. */
  readonly codeRoot?: string;
  /** The rules file that the functions use instead of the one in their code. */
  readonly rules?: string;
  /**
   * This is what time it is now; unless given the real time, or what the time in `data` has become. Time never goes
   * back: an instant that has passed in `data` is not gone back to.
   */
  readonly clock?: Date;
  /** The folder that keeps the object store and the time; all is in memory, and ends with the cloud, without. */
  readonly data?: string;
  readonly region?: string;
  /** The object stores that are served; OSS alone unless given. With both, OBS has a port of its own. */
  readonly clouds?: readonly CloudName[];
  /** The port of OBS beside OSS; 0, which is the default: a free one. */
  readonly obsPort?: number;
  /** The region of OBS; `cn-north-4` unless given. */
  readonly obsRegion?: string;
  readonly accountId?: string;
  readonly accessKeys?: readonly AccessKey[];
  /** Variables set over those of every function. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * An OSS trigger of s.yaml stands for the one bucket of its sourceArn. True lets each stand for every bucket, since
   * here buckets come and go.
   */
  readonly everyBucket?: boolean;
  /** The RAM policies that functions run under: a folder such as ram/, or files by function; all may do everything without. */
  readonly policies?: PolicyFiles;
  /** The IAM policies that functions of FunctionGraph run under, as `policies` gives those of Function Compute. */
  readonly iamPolicies?: PolicyFiles;
  /** This is what goes wrong with requests from the start, as {@link Oss.faults} takes it. */
  readonly faults?: unknown;
  /** Hears of each invocation when it has finished. */
  readonly onInvocation?: (invocation: Invocation) => void;
  /** Hears of each event that could not be delivered to a function. */
  readonly onUndelivered?: (undelivered: Undelivered) => void;
  /** Loses, repeats or delays events; each arrives once and at once unless given. */
  readonly deliver?: DeliveryPolicy;
  /** It disturbs invocations by seeded rates, and kills instances at random. */
  readonly weather?: readonly WeatherRule[];
  /** The most instances a function may have, after which it is throttled. */
  readonly instanceLimit?: number;
  /**
   * This is how many instances of a function run at the same time without that limit; 4 unless given. Further
   * requests wait.
   */
  readonly processLimit?: number;
  /** These are what function instances run in; processes unless given. */
  readonly instances?: InstanceKind;
  /** The program of a function instance, built; the one that belongs to `instances` unless given. */
  readonly bootstrap?: string;
}

/** A running embedded cloud. */
export interface Cloud {
  /** `http://127.0.0.1:9000`, for ali-oss and @alicloud/fc2 alike. */
  readonly url: string;
  readonly port: number;
  readonly accountId: string;
  readonly time: VirtualTime;
  readonly oss: Oss;
  /** The OBS beside it, when it is served. */
  readonly obs: ServedObs | undefined;
  readonly fc: FunctionRuntime;
  /** FunctionGraph, which runs the functions of OBS; without a function when OBS is not served. */
  readonly graph: FunctionRuntime;
  readonly roles: Roles;
  /** The agencies of the functions of FunctionGraph. */
  readonly agencies: Agencies;
  /** Resolves when no invocation runs or is due; retries that wait for later do not count. */
  idle(): Promise<void>;
  /** It works as {@link VirtualTime.advance} does. */
  advance(ms: number): Promise<void>;
  /**
   * Reads s.yaml again and runs its functions, by another rules file if one is given. Requests under way end on what they began
   * with; what was deployed by the API stays.
   * @throws HoldfastError TEMPLATE_INVALID, FILE_UNREADABLE, FUNCTION_NOT_BUILT, RAM_POLICY_…; then nothing changes
   */
  reload(changes?: { readonly rules?: string | undefined }): void;
  /** Ends it and leaves nothing: no process, no timer, no socket. */
  close(): Promise<void>;
}

const localAccount = '1000000000000001';

/**
 * Starts the embedded cloud: object store, functions and admin API on one port, on virtual time.
 * @throws HoldfastError TEMPLATE_INVALID, FILE_UNREADABLE, FUNCTION_NOT_BUILT, RAM_POLICY_…,
 * DATA_PACKAGE_MISSING, DATA_IN_USE, DATA_UNUSABLE; the system's error when the port is taken
 * @example
 * const cloud = await startCloud({ port: 0, everyBucket: true, template: 's.yaml' });
 * await cloud.advance(21 * 60 * 60 * 1000); // the timers on the way fire
 * await cloud.close();
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const region = options.region ?? 'cn-hangzhou';
  const accountId = options.accountId ?? localAccount;
  const place = { region, accountId };
  const host = options.host ?? '127.0.0.1';
  let template = readTemplate(options, region, accountId);
  let { rules } = options;
  let roles = loadRoles(options.policies, template.functions, place);
  let agencies = loadAgencies(options.iamPolicies, template.functions);
  const keyring = createKeyring(options.accessKeys ?? [defaultAccessKey]);
  const data = options.data === undefined ? undefined : await openData(options.data);
  const kept = options.data === undefined ? emptyState : await readOrClose(options.data, data);
  const time = createVirtualTime({ start: startOf(options.clock, data), idle: () => platforms.idle() });
  data?.saveClockOffset(time.offsetMs);
  time.onShift((offsetMs) => data?.saveClockOffset(offsetMs));
  const clouds = options.clouds ?? ['oss'];
  const answerAs = (cloud: CloudName) => (request: IncomingMessage, response: ServerResponse) =>
    void route(cloud, request, response).catch(() => response.destroy()); // the client has gone away
  const ports = await openPorts(clouds, host, options, answerAs).catch(async (error) => {
    await data?.close();
    throw error;
  });
  const url = urlOf(host, ports.first.port);
  const names = options.names ?? [];
  const refusalOf = createGate(names);

  const account = createAccount({
    place,
    template: () => template,
    roles: () => roles,
    kept,
    folder: options.data,
    deployed: () => deployment.list(),
    roleOf: (name) => fc.functions.get(name)?.role,
  });
  const wholeStore = data ?? memoryStore();
  const store = ossShareOf(wholeStore);
  const obsStore = obsShareOf(wholeStore);
  const faults = createFaults();
  const oss = createOss({
    region,
    accountId,
    now: time.now,
    wallNow: systemClock.now,
    findKey: keyring.find,
    policyOf: account.policyOf,
    onEvent(event) {
      if (event.oss.bucket.name !== codeBucket) fc.onOssEvent(event);
    },
    faults,
    store,
  });
  const obsUrl = urlOf(host, (ports.second ?? ports.first).port);
  const obsRegion = options.obsRegion ?? 'cn-north-4';
  const obs = serveObs(clouds, {
    url: obsUrl,
    region: obsRegion,
    onEvent: (event) => platforms.onObsEvent(event),
    may: (...asked) => agencies.may(...asked),
    accountId,
    now: time.now,
    wallNow: systemClock.now,
    findKey: keyring.find,
    faults,
    store: obsStore,
  });
  const stores = new Map<CloudName, Store>(
    clouds.map((cloud) => [cloud, cloud === 'obs' ? obsStore : store]),
  );

  if (options.faults !== undefined) oss.faults.add(options.faults);
  const codeRoot = options.codeRoot ?? dirname(resolve(options.template ?? '.'));
  const platforms = await startRuntimes();
  const { fc, graph } = platforms;
  const idle = () => time.advance(0);
  const expireDaily = () => {
    const midnight = Math.floor(time.now().getTime() / day + 1) * day;
    time.at(new Date(midnight), async () => {
      oss.runLifecycle();
      expireDaily();
      await oss.runInventories();
      await obs?.server.runInventories();
    });
  };
  expireDaily();
  const codes = createCodeStore(options.data === undefined ? undefined : join(options.data, 'code'));
  const deployment = createDeployment({
    place,
    now: time.now,
    runtime: fc,
    codes,
    readObject: (bucket, key) => readVersion(store, { bucket, key }),
    hasBucket: (name) => store.bucket(name) !== undefined,
    checks: account.checks,
    onChange: account.keep,
  });
  const recordsOf = ({ functions }: Template) =>
    functions.map((props) => recordOfProps(props, resolve(codeRoot, props.code), time.now()));
  restoreFunctions(deployment, codes, [...recordsOf(template), ...kept.functions]);
  const verifier = {
    findKey: keyring.find,
    clocks: [time.now, systemClock.now],
    policyOf: (accessKeyId: string) => account.policyOf(keyring.find(accessKeyId)?.principal ?? ''),
  };
  const uploadToken = createCodeUpload({
    place,
    store,
    now: systemClock.now,
    issue: keyring.issueOutside,
  });
  const functions = createFunctionApi({ ...verifier, fc, place, deployment, codes, uploadToken, url });
  const ramCall = createRamApi(account.ram, { accountId, now: time.now });
  const ramServer = createRamServer({ ...verifier, accountId, call: ramCall });
  const admin = createAdmin({
    time,
    oss,
    obs: obs?.server,
    fc,
    graph,
    stores,
    letterPlaces: () => letterPlaces({ rules, template, codeRoot }, stores),
    region,
    idle,
    ram: ramCall,
    logs: account.logProjects.call,
  });

  async function startRuntimes(): Promise<Platforms> {
    try {
      return startPlatforms(options, {
        clouds,
        template,
        codeRoot,
        bootstrap: options.bootstrap ?? builtFile(programOf(options.instances)),
        time,
        keyring,
        checks: account.deliveries,
        oss: { ...place, url },
        obs: { accountId, region: obsRegion, url: obsUrl },
      });
    } catch (error) {
      await closeStores();
      throw error;
    }
  }

  /** Everything that is not for a bucket. */
  function servedBy(request: IncomingMessage, path: string) {
    if (path.startsWith('/_local/')) return admin;
    if (path === '/_local') return toConsole;
    if (isFunctionPath(path)) return functions;
    return isRamRequest(request) ? ramServer : undefined;
  }

  const storeOf = (cloud: CloudName) => (cloud === 'obs' ? (obs?.server ?? oss) : oss);

  /** An OSS client gets the refusal in a form that it understands. */
  async function turnAway(
    cloud: CloudName,
    request: IncomingMessage,
    response: ServerResponse,
    refusal: Refusal,
  ): Promise<void> {
    if (cloud === 'obs') sendRefusal(response, refusal);
    else await oss.refuse(request, response, `${refusal.message}: ${refusal.remedy}`);
  }

  async function closeStores(): Promise<void> {
    await ports.close();
    await obs?.server.close();
    await oss.close();
  }

  async function route(cloud: CloudName, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const direct = !isBucketHost(request.headers.host ?? '', names);
    const refusal = refusalOf(request);
    if (refusal && direct && (path.startsWith('/_local/') || isFunctionPath(path))) {
      return sendRefusal(response, refusal);
    }
    if (refusal) return await turnAway(cloud, request, response, refusal);
    const served = direct ? servedBy(request, path) : undefined;
    if (served) await served(request, response);
    else await storeOf(cloud).handle(request, response);
  }

  return {
    url,
    port: ports.first.port,
    accountId,
    time,
    oss,
    obs,
    fc,
    graph,
    get roles() {
      return roles;
    },
    get agencies() {
      return agencies;
    },
    idle,
    advance: time.advance,
    reload(changes = {}) {
      const next = readTemplate(options, region, accountId);
      const nextRoles = loadRoles(options.policies, next.functions, place);
      const nextAgencies = loadAgencies(options.iamPolicies, next.functions);
      const nextRules = changes.rules ?? rules;
      platforms.reload(next, nextRules);
      deployment.replaceTemplate(recordsOf(next));
      template = next;
      roles = nextRoles;
      agencies = nextAgencies;
      rules = nextRules;
    },
    async close() {
      time.close();
      await platforms.close();
      await closeStores();
      codes.close();
    },
  };
}

const programOf = (instances: InstanceKind = 'processes') =>
  instances === 'threads' ? 'local/instance-thread.js' : 'local/instance.js';

async function readOrClose(folder: string, data: Store | undefined): Promise<KeptState> {
  try {
    return readKept(folder);
  } catch (error) {
    await data?.close();
    throw error;
  }
}

/** Puts in place what is there still, and clears away the packages that nothing names. */
function restoreFunctions(
  deployment: Deployment,
  codes: CodeStore,
  records: readonly FunctionRecord[],
): void {
  const there = records.filter(({ code }) => code.kind === 'folder' || codes.has(code.id));
  for (const record of there) deployment.restore(record);
  codes.keepOnly(new Set(there.flatMap(({ code }) => (code.kind === 'package' ? [code.id] : []))));
}

/**
 * Opens the folder that keeps the data. The code for it is loaded only here, because it brings a native module, which is
 * not part of the package.
 * @throws HoldfastError DATA_PACKAGE_MISSING, DATA_IN_USE, DATA_UNUSABLE
 */
async function openData(folder: string): Promise<Store> {
  await import('lmdb').catch((cause: unknown) => {
    throw failure('DATA_PACKAGE_MISSING', { folder, reason: String(cause) }, { cause });
  });
  const { openDiskStore } = await import('./oss/store/disk.ts');
  return openDiskStore(folder);
}

/** The later of the instant asked for and what the kept time has become. */
function startOf(clock: Date | undefined, data: Store | undefined): Date | undefined {
  const offsetMs = data?.clockOffset();
  if (offsetMs === undefined) return clock;
  const kept = new Date(systemClock.now().getTime() + offsetMs);
  return clock && clock > kept ? clock : kept;
}

function readTemplate(options: CloudOptions, region: string, accountId: string): Template {
  if (options.template === undefined) return { functions: [] };
  const environment = { ...process.env, HOLDFAST_REGION: region };
  return loadTemplate(options.template, { environment, accountId });
}

function urlOf(host: string, port: number): string {
  const reached = reachableAddress(host);
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/** An address of this machine under which a listener answers; every one is meant by `0.0.0.0` and `::`. */
function reachableAddress(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Sends who leaves out the slash on to the console. No bucket can have this name. */
function toConsole(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(308, { location: '/_local/' }).end();
}

function sendRefusal(response: ServerResponse, { status, code, message, remedy }: Refusal): void {
  sendJson(response, status, { code, error: message, remedy });
}

/** Hosts that name a bucket: there `/_local/…` is the key of an object. */
function isBucketHost(host: string, names: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (names.some((each) => name.endsWith(`.${each.toLowerCase()}`))) return true;
  return /^[^.]+\.(?:localhost|oss-[^.]+\.aliyuncs\.com|obs\..+)$/.test(name);
}
