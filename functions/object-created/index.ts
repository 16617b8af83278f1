import { readObjectEvents } from '../../shared/events/object-events.ts';
import { type FcContext, functionCompute, textOfBytes } from '../fc.ts';
import { createRuntime } from '../runtime.ts';
import { protectUploads } from './handle.ts';

const runtime = createRuntime('object-created', import.meta.dirname, functionCompute);

/** FC calls this once an instance, before the first event. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Protects the versions that each event may mean.
 * @param event FC's OSS event, a CloudEvent, or its bare data, as JSON
 * @returns as {@link protectUploads}
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<Record<string, number>> =>
  runtime.invoke(context, (invocation) =>
    protectUploads(invocation, () => readObjectEvents(event), textOfBytes(event)),
  );
