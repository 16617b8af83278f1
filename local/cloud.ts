import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { loadTemplate, type Template } from '../shared/deploy/template.ts';
import type { CloudName } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { day } from '../shared/platform/instant.ts';
import { createAccount } from './account.ts';
import { createAdmin } from './admin/index.ts';
import { builtFile } from './built.ts';
import type { CloudOptions } from './cloud-options.ts';
import { createFunctionApi } from './fc/api.ts';
import { type CodeStore, createCodeStore } from './fc/deploy/code-store.ts';
import { codeBucket, createCodeUpload } from './fc/deploy/code-upload.ts';
import { createDeployment, type Deployment } from './fc/deploy/deployment.ts';
import { type FunctionRecord, recordOfProps } from './fc/deploy/record.ts';
import type { FunctionRuntime } from './fc/runtime.ts';
import { createGate } from './gate.ts';
import { type Agencies, loadAgencies } from './iam/roles.ts';
import { emptyState } from './kept-state.ts';
import { createKeyring, defaultAccessKey } from './keyring.ts';
import { openPorts, type ServedObs, serveObs } from './obs/served.ts';
import { obsShareOf, ossShareOf } from './obs/store.ts';
import { openData, readKeptOrClose, startOf } from './open-data.ts';
import { createFaults } from './oss/faults/index.ts';
import { createOss, type Oss } from './oss/index.ts';
import { memoryStore } from './oss/store/memory.ts';
import type { Store } from './oss/store/store.ts';
import { type Platforms, startPlatforms } from './platforms.ts';
import { createRamApi } from './ram/api.ts';
import { loadRoles, type Roles } from './ram/roles.ts';
import { createRamServer } from './ram/serve.ts';
import { createRoutes } from './routes.ts';
import { letterPlaces } from './views/letter-places.ts';
import { readVersion } from './views/read-version.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

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
  const kept = options.data === undefined ? emptyState : await readKeptOrClose(options.data, data);
  const time = createVirtualTime({ start: startOf(options.clock, data), idle: () => platforms.idle() });
  data?.saveClockOffset(time.offsetMs);
  time.onShift((offsetMs) => data?.saveClockOffset(offsetMs));
  const clouds = options.clouds ?? ['oss'];
  const answerAs = (cloud: CloudName) => async (request: IncomingMessage, response: ServerResponse) => {
    try {
      await route(cloud, request, response);
    } catch {
      response.destroy(); // the client has gone away, or it came before all was there
    }
  };
  const ports = await openPorts(clouds, host, options, answerAs).catch(async (error) => {
    await data?.close();
    throw error;
  });
  const url = urlOf(host, ports.first.port);
  const names = options.names ?? [];

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
    isWatched: (bucket) => bucket !== codeBucket && fc.functions.size > 0,
    onEvent: (event) => fc.onOssEvent(event),
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

  async function closeStores(): Promise<void> {
    await ports.close();
    await obs?.server.close();
    await oss.close();
  }

  const route = createRoutes({
    refusalOf: createGate(names),
    names,
    admin,
    functions,
    ram: ramServer,
    oss,
    obs: obs?.server,
  });

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

const programOf = (instances: CloudOptions['instances']) =>
  instances === 'threads' ? 'local/instance-thread.js' : 'local/instance.js';

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
