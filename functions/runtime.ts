import type { AuditRecord } from '../shared/audit/file.ts';
import { fileTrail, openTrail, type Trail } from '../shared/audit/trail.ts';
import { createAuditWriter } from '../shared/audit/writer.ts';
import { type Clock, systemClock } from '../shared/platform/clock.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';
import { inOneText } from '../shared/platform/error-text.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { second } from '../shared/platform/instant.ts';
import { createLog, errorFields, type Logger } from '../shared/platform/log.ts';
import { type RulesSource, rulesSource } from '../shared/rules/source.ts';
import type { Rules } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import { createOssStorage, type OssCredentials } from '../shared/storage/oss/index.ts';
import type { Storage } from '../shared/storage/port.ts';
import { withRetry } from '../shared/storage/retry.ts';
import type { FcContext } from './fc.ts';

/** Everything one invocation works with. */
export interface Invocation {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly storage: Storage;
  /** The same with `around` around every single request, repetitions included. */
  storageWith(around: (storage: Storage) => Storage): Storage;
  readonly rules: Rules;
  readonly region: string;
  /** No work should go on beyond this instant: shortly after it FC ends the instance. */
  readonly deadline: Date;
  /** Logs a decision, and adds it to the evidence, which is written before the invocation returns. */
  decided(level: 'info' | 'warn' | 'error', record: AuditRecord, text: string): void;
  /** The evidence alone. */
  readonly audit: Trail;
}

/** The same, and what only this module needs of it. */
interface Prepared extends Invocation {
  /** Goes on working after `deadline`. */
  readonly evidence: Storage;
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

/** Seconds, when the context does not say (a caller other than FC): as s.yaml has it. */
const defaultTimeout = 60;

/**
 * The edge that all functions share.
 * @param name as in the logs' `function` key
 * @param codeFolder where the bundle and the rules file lie
 */
export function createRuntime(name: string, codeFolder: string): Runtime {
  const clock = systemClock;
  let started: { config: Config; source: RulesSource; log: Logger } | undefined;
  let connected: { storage: Storage; region: string } | undefined;
  let credentials: OssCredentials;
  const writer = createAuditWriter(name);

  const start = () => {
    if (started === undefined) {
      const config = readConfig(process.env);
      const log = createLog(config.logLevel, clock).child({ function: name });
      started = { config, log, source: rulesSource(config.rules, codeFolder, clock) };
    }
    return started;
  };

  /** One client an instance, so that its connections live on; the credentials are always the latest. */
  const connect = (config: Config, region: string): Storage => {
    if (connected?.region !== region) {
      const address = config.endpoint === undefined ? { internal: true } : { endpoint: config.endpoint };
      connected = {
        region,
        storage: createOssStorage({ region, ...address, credentials: () => credentials }),
      };
    }
    return connected.storage;
  };

  const prepare = async (context: FcContext): Promise<Prepared> => {
    const { config, source, log: base } = start();
    const log = base.child({ requestId: context.requestId });
    const region = config.region ?? context.region;
    const limitMs = (context.function?.timeout ?? defaultTimeout) * second;
    const end = new Date(clock.now().getTime() + limitMs - marginMs);
    credentials = credentialsOf(context); // anew on every invocation: they rotate
    const storageUntil = (deadline: Date, around = (each: Storage) => each) => {
      const retrying = withRetry(around(connect(config, region)), { clock, deadline });
      return config.dryRun
        ? readOnly(retrying, (write) => log.debug({ ...write }, 'dry run: not sent'))
        : retrying;
    };
    const evidence = storageUntil(end);
    const rules = await source.current(evidence, log);
    const deadline = rules.audit === undefined ? end : new Date(end.getTime() - evidenceMs);
    const storage = storageUntil(deadline);
    const storageWith: Invocation['storageWith'] = (around) => storageUntil(deadline, around);
    const audit = openTrail({ rules, clock });
    const decided: Invocation['decided'] = (level, record, text) => {
      log[level](record, text);
      audit.add(record);
    };
    return { config, clock, log, storage, storageWith, evidence, rules, region, deadline, audit, decided };
  };

  /** Writes what was decided, whether the work succeeded or not. What cannot be written is in the log, whole. */
  const keepEvidence = async (prepared: Prepared, { requestId }: FcContext) => {
    const { evidence: storage, rules, clock, log, audit } = prepared;
    const { files, lost, error } = await fileTrail(writer, { storage, rules, clock }, audit, requestId);
    for (const record of lost) log.error({ record, ...errorFields(error) }, 'not in the audit');
    for (const { bucket, key, errors } of files) {
      for (const trouble of errors) {
        log.error({ bucket, key, ...errorFields(trouble) }, 'evidence is not under retention');
      }
    }
    return error;
  };

  return {
    async initialize(context) {
      await prepare(context).catch((error: unknown) => {
        throw forFc(error);
      });
    },
    async invoke(context, work, lost = {}) {
      try {
        const prepared = await prepare(context);
        const [worked] = await Promise.allSettled([work(prepared)]);
        const unwritten = await keepEvidence(prepared, context);
        if (worked.status === 'rejected') throw worked.reason;
        if (unwritten !== undefined) throw unwritten;
        return worked.value;
      } catch (error) {
        const log = started?.log ?? createLog('info', clock).child({ function: name });
        log.error({ requestId: context.requestId, ...errorFields(error), ...lost }, 'the invocation failed');
        throw forFc(error);
      }
    },
  };
}

/** A role always has a security token; `holdfast simulate` may run with a user's key, which has none. */
function credentialsOf({ credentials }: FcContext): OssCredentials {
  return { ...credentials, securityToken: credentials.securityToken || undefined };
}

/** FC shows an error's name and message: they say the code, what happened and what to do. */
function forFc(error: unknown): unknown {
  if (!(error instanceof HoldfastError)) return error;
  const shown = new Error(inOneText(error), { cause: error });
  shown.name = error.code;
  return shown;
}
