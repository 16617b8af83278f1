import { systemClock } from '../shared/platform/clock.ts';
import { inOneText } from '../shared/platform/error-text.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { createLog, errorFields } from '../shared/platform/log.ts';
import { rememberSecrets, withoutSecrets } from '../shared/platform/secrets.ts';
import { closeLetter } from './failed-event.ts';
import { type Instance, startInstance } from './instance.ts';
import { closeInvocation, type Invocation, openInvocation } from './invocation.ts';
import type { FunctionCall, FunctionPlatform } from './platform.ts';
import { initializerLimit } from './time-budget.ts';

export interface Runtime<Context> {
  /** Fails at start-up what would fail at every event: configuration and rules. */
  initialize(context: Context): Promise<void>;
  /**
   * Builds the invocation's parts and runs `work`; what it throws is logged and rethrown for the platform.
   * @param lost what the log of a failure must have besides, because it is nowhere else
   */
  invoke<Result>(
    context: Context,
    work: (invocation: Invocation) => Promise<Result>,
    lost?: Readonly<Record<string, unknown>>,
  ): Promise<Result>;
}

/**
 * Makes the edge that all functions share.
 * @param name as in the logs' `function` key
 * @param codeFolder where the bundle and the rules file lie
 */
export function createRuntime<Context>(
  name: string,
  codeFolder: string,
  platform: FunctionPlatform<Context>,
): Runtime<Context> {
  let instance: Instance<Context> | undefined;

  const begin = (context: Context): { readonly call: FunctionCall; readonly on: Instance<Context> } => {
    const call = platform.callOf(context);
    rememberSecrets(call.credentials.accessKeySecret, call.credentials.securityToken);
    instance ??= startInstance(name, codeFolder, platform, context);
    return { call, on: instance };
  };

  return {
    async initialize(context) {
      try {
        const { call, on } = begin(context);
        await openInvocation(on, call, initializerLimit(call.limitMs));
      } catch (error) {
        throw forPlatform(error);
      }
    },
    async invoke(context, work, lost = {}) {
      let requestId = '';
      try {
        requestId = platform.requestIdOf(context);
        const { call, on } = begin(context);
        const invocation = await openInvocation(on, call);
        const [worked] = await Promise.allSettled([work(invocation)]);
        const unwritten = await closeInvocation(on.writer, invocation);
        if (worked.status === 'rejected') throw worked.reason;
        if (unwritten !== undefined) throw unwritten;
        await closeLetter(invocation);
        return worked.value;
      } catch (error) {
        const log = instance?.log ?? createLog('info', systemClock).child({ function: name });
        log.error({ requestId, ...errorFields(error), ...lost }, 'the invocation failed');
        throw forPlatform(error);
      }
    },
  };
}

/** The platforms show an error's name and message: they say the code, what happened and what to do. */
function forPlatform(error: unknown): unknown {
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
