import { readEnvelope } from '../../shared/dead-letters/envelope.ts';
import { type FcContext, functionCompute } from '../fc.ts';
import { createRuntime } from '../runtime.ts';
import { keepEnvelope } from './handle.ts';

const runtime = createRuntime('dead-letter', import.meta.dirname, functionCompute);

/** For callers that begin with it. s.yaml names none: a failure in it would come before the envelope is in the log. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Keeps the failure of another function; see {@link keepEnvelope}.
 * @param event the envelope that FC sends to a failure destination, as JSON
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<Record<string, number>> => {
  const envelope = Buffer.from(event).toString();
  const work = (invocation: Parameters<typeof keepEnvelope>[0]) =>
    keepEnvelope(invocation, () => readEnvelope(event), envelope);
  return runtime.invoke(context, work, { envelope });
};
