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
  readonly rules: Rules;
  readonly region: string;
  /** No work should go on beyond this instant: shortly after it FC ends the instance. */
  readonly deadline: Date;
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

  const prepare = async (context: FcContext): Promise<Invocation> => {
    const { config, source, log: base } = start();
    const log = base.child({ requestId: context.requestId });
    const region = config.region ?? context.region;
    const limitMs = (context.function?.timeout ?? defaultTimeout) * second;
    const deadline = new Date(clock.now().getTime() + limitMs - marginMs);
    credentials = credentialsOf(context); // anew on every invocation: they rotate
    const retrying = withRetry(connect(config, region), { clock, deadline });
    const storage = config.dryRun
      ? readOnly(retrying, (write) => log.debug({ ...write }, 'dry run: not sent'))
      : retrying;
    const rules = await source.current(retrying, log);
    return { config, clock, log, storage, rules, region, deadline };
  };

  return {
    async initialize(context) {
      await prepare(context).catch((error: unknown) => {
        throw forFc(error);
      });
    },
    async invoke(context, work, lost = {}) {
      try {
        return await work(await prepare(context));
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
