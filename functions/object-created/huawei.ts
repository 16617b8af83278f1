import { readObsEvents } from '../../shared/events/obs-events.ts';
import { createGraphRuntime, type GraphContext, textOfEvent } from '../huawei.ts';
import { protectUploads } from './handle.ts';

const runtime = createGraphRuntime('object-created', import.meta.dirname);

/** FunctionGraph calls this once an instance, before the first event. */
export const { initializer } = runtime;

/**
 * Protects the versions that each event may mean.
 * @param event records of a trigger, a CloudEvent of EventGrid, or records with `obs`, parsed
 * @returns as {@link protectUploads}
 */
export const handler = (event: unknown, context: GraphContext): Promise<Record<string, number>> =>
  runtime.invoke(context, (invocation) =>
    protectUploads(invocation, () => readObsEvents(event), textOfEvent(event)),
  );
