import { readObsEvents } from '../../shared/events/obs-events.ts';
import { repairTasksOf } from '../../shared/fan-out/request.ts';
import type { Served } from '../../shared/fan-out/serve.ts';
import { createGraphRuntime, type GraphContext, textOfEvent } from '../huawei.ts';
import { type KeptFailure, protectExistingObjects } from './handle.ts';

const runtime = createGraphRuntime('protect-existing', import.meta.dirname);

/** FunctionGraph calls this once an instance, before the first event. */
export const { initializer } = runtime;

/**
 * Protects what an inventory names whose manifest.json has arrived; see {@link protectExistingObjects}. An invocation of
 * FunctionGraph may run for days, so it does all the work itself.
 * @param event an event of OBS in any of its shapes, parsed
 */
export const handler = (event: unknown, context: GraphContext): Promise<readonly (Served | KeptFailure)[]> =>
  runtime.invoke(context, (invocation) =>
    protectExistingObjects(invocation, {
      read: () => repairTasksOf(readObsEvents(event), 'obs'),
      isTask: false,
      text: textOfEvent(event),
      self: undefined,
    }),
  );
