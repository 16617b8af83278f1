import { readGraphEnvelope } from '../../shared/dead-letters/graph-envelope.ts';
import { createGraphRuntime, type GraphContext, textOfEvent } from '../huawei.ts';
import { keepEnvelope } from './handle.ts';

const runtime = createGraphRuntime('dead-letter', import.meta.dirname);

/** For callers that begin with it. The deployment names none: a failure in it would come before the envelope is in the log. */
export const { initializer } = runtime;

/**
 * Keeps the failure of another function; see {@link keepEnvelope}.
 * @param event the envelope that FunctionGraph sends to a failure destination, parsed
 */
export const handler = (event: unknown, context: GraphContext): Promise<Record<string, number>> => {
  const envelope = textOfEvent(event) ?? '';
  const work = (invocation: Parameters<typeof keepEnvelope>[0]) =>
    keepEnvelope(invocation, () => readGraphEnvelope(event), envelope);
  return runtime.invoke(context, work, { envelope });
};
