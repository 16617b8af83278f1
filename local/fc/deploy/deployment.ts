import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import * as z from 'zod';
import { isOssTrigger, mostOfOneBucket, triggersOverlap } from '../../../shared/deploy/trigger-clashes.ts';
import { formatAddress } from '../../../shared/platform/address.ts';
import type { Place } from '../environment.ts';
import type { FunctionRuntime } from '../runtime.ts';
import type { AccountChecks } from './account-checks.ts';
import { ApiRefusal, invalidArgument, notFound, notServedHere } from './api-refusal.ts';
import { ArchiveError } from './archive.ts';
import { readAsyncConfig } from './async-config.ts';
import type { CodeStore } from './code-store.ts';
import { checksumOf } from './code-store.ts';
import { type DeployedCode, type FunctionRecord, toRunFunction } from './record.ts';
import { readSettings } from './settings.ts';
import { readNewTrigger, readTriggerUpdate, type TriggerRecord, toTrigger } from './trigger-record.ts';

/** This is what a deployment needs of the rest of the cloud. */
export interface DeploymentOptions {
  readonly place: Place;
  now(): Date;
  readonly runtime: Pick<FunctionRuntime, 'deploy' | 'remove'>;
  readonly codes: CodeStore;
  /** The bytes of an object; undefined when there is none. */
  readObject(bucket: string, key: string): Promise<Buffer | undefined>;
  hasBucket(name: string): boolean;
  readonly checks: AccountChecks;
  /** Called after each change. */
  onChange(): void;
}

/** The functions that are deployed. Every call that changes something waits for the one before it. */
export interface Deployment {
  /** @throws ApiRefusal FunctionNotFound */
  find(name: string): FunctionRecord;
  list(): readonly FunctionRecord[];
  create(sent: unknown): Promise<FunctionRecord>;
  update(name: string, sent: unknown): Promise<FunctionRecord>;
  remove(name: string): Promise<void>;
  /** @throws ApiRefusal TriggerNotFound */
  findTrigger(name: string, trigger: string): TriggerRecord;
  createTrigger(name: string, sent: unknown): Promise<TriggerRecord>;
  updateTrigger(name: string, trigger: string, sent: unknown): Promise<TriggerRecord>;
  removeTrigger(name: string, trigger: string): Promise<void>;
  putAsyncConfig(name: string, sent: unknown): Promise<FunctionRecord>;
  removeAsyncConfig(name: string): Promise<void>;
  putConcurrency(name: string, sent: unknown): Promise<FunctionRecord>;
  removeConcurrency(name: string): Promise<void>;
  /** Puts a function in place as it was, without a check: one of s.yaml, or one that was deployed before a restart. */
  restore(record: FunctionRecord): void;
  /** Knows these functions of s.yaml in place of those it had before. One that was deployed over stays. */
  replaceTemplate(records: readonly FunctionRecord[]): void;
}

const sentCode = z.looseObject({
  zipFile: z.string().nullish(),
  ossBucketName: z.string().nullish(),
  ossObjectName: z.string().nullish(),
  checksum: z.string().nullish(),
});
const sentConcurrency = z.object({ reservedConcurrency: z.int().min(1).max(300) });

/** Makes an empty deployment. */
export function createDeployment(options: DeploymentOptions): Deployment {
  const { place, runtime, codes } = options;
  const records = new Map<string, FunctionRecord>();
  const inTurn = pLimit(1);
  const now = () => options.now().toISOString();

  const find = (name: string): FunctionRecord => {
    const record = records.get(name);
    if (record) return record;
    throw notFound('FunctionNotFound', `function '${name}' does not exist`);
  };
  const findTrigger = (name: string, trigger: string): TriggerRecord => {
    const found = find(name).triggers.find(({ triggerName }) => triggerName === trigger);
    if (found) return found;
    throw notFound('TriggerNotFound', `trigger '${trigger}' does not exist in function '${name}'`);
  };

  const codeFolder = ({ code }: FunctionRecord) =>
    code.kind === 'folder' ? code.folder : codes.folder(code.id);

  const put = (record: FunctionRecord): FunctionRecord => {
    const before = records.get(record.settings.functionName);
    records.set(record.settings.functionName, record);
    const replaced = runtime.deploy(toRunFunction(record), codeFolder(record));
    if (before && before.code !== record.code) discard(before.code, replaced);
    options.onChange();
    return record;
  };
  /** Removes code that nobody runs any more, once that is so. */
  const discard = (code: DeployedCode, unused: Promise<void>) => {
    if (code.kind === 'package') void unused.then(() => codes.remove(code.id));
  };
  const change = (record: FunctionRecord, changes: Partial<FunctionRecord>) => put({ ...record, ...changes });

  const receiveCode = async (sent: unknown): Promise<DeployedCode | undefined> => {
    const given = z.looseObject({ code: sentCode.nullish() }).safeParse(sent);
    if (!given.success)
      throw invalidArgument('code: is not an object with zipFile, or ossBucketName and ossObjectName');
    const { code } = given.data;
    if (!code) return undefined;
    const zip = await readCode(code);
    if (code.checksum && code.checksum !== checksumOf(zip)) {
      throw invalidArgument(`checksum ${code.checksum} is not that of the code, which is ${checksumOf(zip)}`);
    }
    try {
      return { kind: 'package', ...(await codes.add(zip)) };
    } catch (error) {
      if (error instanceof ArchiveError) throw invalidArgument(error.message);
      throw error;
    }
  };
  const readCode = async ({ zipFile, ossBucketName, ossObjectName }: z.infer<typeof sentCode>) => {
    if (zipFile) return Buffer.from(zipFile, 'base64');
    if (!ossBucketName || !ossObjectName) {
      throw invalidArgument('code: needs zipFile, or ossBucketName and ossObjectName');
    }
    const zip = await options.readObject(ossBucketName, ossObjectName);
    if (zip) return zip;
    throw invalidArgument(
      `the code ${formatAddress('oss', { bucket: ossBucketName, key: ossObjectName })} does not exist`,
    );
  };

  const checkNeeds = ({ role, logConfig }: FunctionRecord['settings']) => {
    const problem =
      (role && options.checks.roleProblem(role, 'fc.aliyuncs.com')) ||
      (logConfig?.project && options.checks.logProblem(logConfig.project, logConfig.logstore ?? ''));
    if (problem) throw invalidArgument(problem);
  };

  const checkTrigger = (record: TriggerRecord, name: string) => {
    const trigger = toTrigger(record);
    if (!trigger || !isOssTrigger(trigger)) return;
    const bucket = trigger.sourceArn.split(':').at(-1) ?? '';
    if (bucket === '' || trigger.sourceArn !== `acs:oss:${place.region}:${place.accountId}:${bucket}`) {
      throw invalidArgument(
        `sourceArn '${trigger.sourceArn}' is no bucket of region ${place.region} and this account`,
      );
    }
    if (!options.hasBucket(bucket)) throw ofSource('The specified bucket does not exist.');
    const role = options.checks.roleProblem(trigger.invocationRole, 'oss.aliyuncs.com');
    if (role !== undefined) throw invalidArgument(role);
    const others = [...records.values()].flatMap(({ settings, triggers }) =>
      triggers
        .filter(({ triggerName }) => settings.functionName !== name || triggerName !== record.triggerName)
        .map(toTrigger)
        .filter((other) => other !== undefined)
        .filter(isOssTrigger)
        .filter(({ sourceArn }) => sourceArn === trigger.sourceArn),
    );
    if (others.some((other) => triggersOverlap(other, trigger))) {
      throw ofSource('Cannot specify overlapping prefix and suffix with same event type.');
    }
    if (others.length >= mostOfOneBucket)
      throw ofSource(`A bucket takes ${mostOfOneBucket} triggers at most.`);
  };

  return {
    find,
    list: () =>
      [...records.values()].sort((a, b) => (a.settings.functionName < b.settings.functionName ? -1 : 1)),
    create: (sent) =>
      inTurn(async () => {
        const read = readSettings(sent);
        if ('problem' in read) throw invalidArgument(read.problem);
        const { settings } = read;
        if (records.has(settings.functionName)) {
          throw alreadyThere('FunctionAlreadyExists', `function '${settings.functionName}' already exists`);
        }
        checkNeeds(settings);
        const code = await receiveCode(sent);
        if (!code) throw invalidArgument('code is required');
        const time = now();
        const times = { createdTime: time, lastModifiedTime: time };
        return put({ functionId: randomUUID(), settings, code, triggers: [], ...times });
      }),
    update: (name, sent) =>
      inTurn(async () => {
        const record = find(name);
        const read = readSettings(sent, record.settings);
        if ('problem' in read) throw invalidArgument(read.problem);
        checkNeeds(read.settings);
        const code = (await receiveCode(sent)) ?? record.code;
        return change(record, { settings: read.settings, code, lastModifiedTime: now() });
      }),
    remove: (name) =>
      inTurn(() => {
        const { code } = find(name);
        records.delete(name);
        discard(code, runtime.remove(name));
        options.onChange();
      }),
    findTrigger,
    createTrigger: (name, sent) =>
      inTurn(() => {
        const record = find(name);
        const read = readNewTrigger(sent, randomUUID(), now());
        if ('problem' in read)
          throw read.notServed ? notServedHere(read.problem) : invalidArgument(read.problem);
        const { trigger } = read;
        if (record.triggers.some(({ triggerName }) => triggerName === trigger.triggerName)) {
          throw alreadyThere(
            'TriggerAlreadyExists',
            `trigger '${trigger.triggerName}' already exists in function '${name}'`,
          );
        }
        checkTrigger(trigger, name);
        change(record, { triggers: [...record.triggers, trigger] });
        return trigger;
      }),
    updateTrigger: (name, triggerName, sent) =>
      inTurn(() => {
        const read = readTriggerUpdate(sent, findTrigger(name, triggerName), now());
        if ('problem' in read) throw invalidArgument(read.problem);
        const { trigger } = read;
        checkTrigger(trigger, name);
        const record = find(name);
        const triggers = record.triggers.map((each) => (each.triggerName === triggerName ? trigger : each));
        change(record, { triggers });
        return trigger;
      }),
    removeTrigger: (name, triggerName) =>
      inTurn(() => {
        findTrigger(name, triggerName);
        const record = find(name);
        change(record, { triggers: record.triggers.filter((each) => each.triggerName !== triggerName) });
      }),
    putAsyncConfig: (name, sent) =>
      inTurn(() => {
        const record = find(name);
        const read = readAsyncConfig(sent, record.asyncConfig, now());
        if ('problem' in read)
          throw read.notServed ? notServedHere(read.problem) : invalidArgument(read.problem);
        return change(record, { asyncConfig: read.config });
      }),
    removeAsyncConfig: (name) =>
      inTurn(() => {
        const record = find(name);
        if (!record.asyncConfig) throw noAsyncConfig(name);
        change(record, { asyncConfig: undefined });
      }),
    putConcurrency: (name, sent) =>
      inTurn(() => {
        const record = find(name);
        const { data } = sentConcurrency.safeParse(sent);
        if (!data) throw invalidArgument('reservedConcurrency is not a whole number from 1 to 300');
        return change(record, { reservedConcurrency: data.reservedConcurrency });
      }),
    removeConcurrency: (name) =>
      inTurn(() => {
        const record = find(name);
        if (record.reservedConcurrency === undefined) throw noConcurrency(name);
        change(record, { reservedConcurrency: undefined });
      }),
    restore(record) {
      records.set(record.settings.functionName, record);
      if (record.code.kind === 'package') void runtime.deploy(toRunFunction(record), codeFolder(record));
    },
    replaceTemplate(next) {
      for (const [name, { code }] of records) if (code.kind === 'folder') records.delete(name);
      for (const record of next) {
        const { functionName } = record.settings;
        if (!records.has(functionName)) records.set(functionName, record);
      }
    },
  };
}

/** Makes the refusal for a function without a configuration of its asynchronous invocations (terraform-provider-alicloud). */
export const noAsyncConfig = (name: string): ApiRefusal =>
  notFound('AsyncConfigNotExists', `async config of function '${name}' does not exist`);

/** Makes the refusal for a function without reserved instances. */
export const noConcurrency = (name: string): ApiRefusal =>
  notFound('ConcurrencyConfigNotFound', `concurrency config of function '${name}' does not exist`);

const alreadyThere = (code: string, message: string) => new ApiRefusal({ status: 409, code, message });

/** Wraps a refusal of OSS as Function Compute does (midwayjs issue 744). */
const ofSource = (message: string) => invalidArgument(`event source 'oss' returned error: ${message}`);
