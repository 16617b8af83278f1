import type { AuditRecord } from '../shared/audit/file.ts';
import { fileTrail, openTrail, type Trail } from '../shared/audit/trail.ts';
import { type AuditWriter, createAuditWriter } from '../shared/audit/writer.ts';
import { type Clock, systemClock } from '../shared/platform/clock.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';
import { inOneText } from '../shared/platform/error-text.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { second } from '../shared/platform/instant.ts';
import { createLog, errorFields, type Logger } from '../shared/platform/log.ts';
import { rememberSecrets, withoutSecrets } from '../shared/platform/secrets.ts';
import { type RulesSource, rulesSource } from '../shared/rules/source.ts';
import type { Rules } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import { connectOss, type OssConnection, type OssCredentials } from '../shared/storage/oss/index.ts';
import type { Storage } from '../shared/storage/port.ts';
import { withRetry } from '../shared/storage/retry.ts';
import type { FcContext } from './fc.ts';

/** Everything one invocation works with. */
export interface Invocation {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** Repeats what failed transiently while time remains; every call ends at `deadline`. */
  readonly storage: Storage;
  /** Makes a storage like `storage`, with `around` around every single request, repetitions included. */
  storageWith(around: (storage: Storage) => Storage): Storage;
  readonly rules: Rules;
  readonly region: string;
  /** Work ends at this instant, and the evidence is written; shortly afterwards FC ends the instance. */
  readonly deadline: Date;
  /** Logs a decision, and adds it to the evidence, which is written before the invocation returns. */
  decided(level: 'info' | 'warn' | 'error', record: AuditRecord, text: string): void;
  /** The evidence alone. */
  readonly audit: Trail;
}

export interface Runtime {
  /** Fails at start-up what would fail at every event: configuration and rules. */
  initialize(context: FcContext): Promise<void>;
  /**
   * Builds the invocation's parts and runs `work`; what it throws is logged and rethrown for FC.
   * @param lost what the log of a failure must have besides, because it is nowhere else
   */
  invoke<Result>(
    context: FcContext,
    work: (invocation: Invocation) => Promise<Result>,
    lost?: Readonly<Record<string, unknown>>,
  ): Promise<Result>;
}

/** Left for the last lines and FC's own overhead before the time limit ends the instance. */
const marginMs = 2 * second;

/** Left for writing the evidence. */
const evidenceMs = 3 * second;

/** Neither of the two takes more of a short time limit than this. */
const mostShare = 0.2;

/** Seconds, when the context does not say (a caller other than FC): as s.yaml has it. */
const defaultTimeout = 60;

/** The initializer has a time limit of its own, which the context does not tell; s.yaml has 30 seconds. */
const initializerMs = 20 * second;

/** A look whether the rules have changed takes no longer. */
const briefMs = 2 * second;

/** What lives as long as the instance. */
interface Instance {
  readonly config: Config;
  readonly source: RulesSource;
  readonly log: Logger;
  readonly writer: AuditWriter;
  /** One an instance, so that its connections live on. */
  connection: { readonly oss: OssConnection; readonly region: string } | undefined;
  /** Those of the latest invocation: they rotate. */
  credentials: OssCredentials;
}

/** An invocation, and what is needed to close it. */
interface OpenInvocation extends Invocation {
  /** Goes on working after `deadline`. */
  readonly evidence: Storage;
}

/**
 * The edge that all functions share.
 * @param name as in the logs' `function` key
 * @param codeFolder where the bundle and the rules file lie
 */
export function createRuntime(name: string, codeFolder: string): Runtime {
  const clock = systemClock;
  let instance: Instance | undefined;

  const opened = (context: FcContext, limitMs: number): Promise<OpenInvocation> => {
    const credentials = credentialsOf(context);
    rememberSecrets(credentials.accessKeySecret, credentials.securityToken);
    instance ??= startInstance(name, codeFolder, credentials);
    instance.credentials = credentials;
    return open(instance, context, limitMs);
  };

  return {
    async initialize(context) {
      try {
        await opened(context, Math.min(limitOf(context), initializerMs));
      } catch (error) {
        throw forFc(error);
      }
    },
    async invoke(context, work, lost = {}) {
      try {
        const invocation = await opened(context, limitOf(context));
        const [worked] = await Promise.allSettled([work(invocation)]);
        const unwritten = instance && (await writeEvidence(instance.writer, invocation, context.requestId));
        if (worked.status === 'rejected') throw worked.reason;
        if (unwritten !== undefined) throw unwritten;
        return worked.value;
      } catch (error) {
        const log = instance?.log ?? createLog('info', clock).child({ function: name });
        log.error({ requestId: context.requestId, ...errorFields(error), ...lost }, 'the invocation failed');
        throw forFc(error);
      }
    },
  };
}

/** The build makes a file of its own of this, which the bundle loads only when it is asked for. */
const loadParser = () => import('./rules-loader.ts');

/** @throws CONFIG_INVALID */
function startInstance(name: string, codeFolder: string, credentials: OssCredentials): Instance {
  const config = readConfig(process.env);
  return {
    config,
    source: rulesSource(config.rules, codeFolder, systemClock, loadParser),
    log: createLog(config.logLevel, systemClock).child({ function: name }),
    writer: createAuditWriter(name),
    connection: undefined,
    credentials,
  };
}

/** Builds the parts of one invocation. @throws RULES_UNREADABLE, RULES_INVALID, and what reading the rules throws */
async function open(instance: Instance, context: FcContext, limitMs: number): Promise<OpenInvocation> {
  const clock = systemClock;
  const { config, source } = instance;
  const log = instance.log.child({ requestId: context.requestId });
  const region = config.region ?? context.region;
  const start = clock.now().getTime();
  const end = new Date(start + limitMs - Math.min(marginMs, limitMs * mostShare));
  const oss = connect(instance, region);
  const unlessDry = (storage: Storage): Storage =>
    config.dryRun ? readOnly(storage, (write) => log.debug({ ...write }, 'dry run: not sent')) : storage;
  const storageUntil = (deadline: Date, around = (each: Storage) => each) =>
    unlessDry(withRetry(around(oss.storage(deadline)), { clock, deadline }));

  const evidence = storageUntil(end);
  const brief = oss.storage(new Date(Math.min(start + briefMs, end.getTime())));
  const rules = await source.current({ patient: evidence, brief }, log);
  const reserveMs = rules.audit === undefined ? 0 : Math.min(evidenceMs, limitMs * mostShare);
  const deadline = new Date(end.getTime() - reserveMs);
  const audit = openTrail({ rules, clock });
  return {
    config,
    clock,
    log,
    storage: storageUntil(deadline),
    storageWith: (around) => storageUntil(deadline, around),
    evidence,
    rules,
    region,
    deadline,
    audit,
    decided(level, record, text) {
      log[level](record, text);
      audit.add(record);
    },
  };
}

function connect(instance: Instance, region: string): OssConnection {
  if (instance.connection?.region !== region) {
    const { endpoint } = instance.config;
    const address = endpoint === undefined ? { internal: true } : { endpoint };
    const oss = connectOss({ region, ...address, credentials: () => instance.credentials });
    instance.connection = { oss, region };
  }
  return instance.connection.oss;
}

/**
 * Writes what was decided, whether the work succeeded or not. What cannot be written is in the log, whole.
 * @returns AUDIT_UNWRITTEN, if something could not be written
 */
async function writeEvidence(
  writer: AuditWriter,
  { evidence: storage, rules, clock, log, audit }: OpenInvocation,
  requestId: string,
): Promise<unknown> {
  const { files, lost, error } = await fileTrail(writer, { storage, rules, clock }, audit, requestId);
  for (const record of lost) log.error({ record, ...errorFields(error) }, 'not in the audit');
  for (const { bucket, key, errors } of files) {
    for (const trouble of errors) {
      log.error({ bucket, key, ...errorFields(trouble) }, 'evidence is not under retention');
    }
  }
  return error;
}

const limitOf = (context: FcContext): number => (context.function?.timeout ?? defaultTimeout) * second;

/** A role always has a security token; `holdfast simulate` may run with a user's key, which has none. */
function credentialsOf({ credentials }: FcContext): OssCredentials {
  return { ...credentials, securityToken: credentials.securityToken || undefined };
}

/** FC shows an error's name and message: they say the code, what happened and what to do. */
function forFc(error: unknown): unknown {
  if (error instanceof HoldfastError) {
    const shown = new Error(inOneText(error));
    shown.name = error.code;
    return shown;
  }
  if (!(error instanceof Error)) return error;
  const shown = new Error(withoutSecrets(error.message));
  shown.name = error.name;
  shown.stack = withoutSecrets(error.stack ?? '');
  return shown;
}
