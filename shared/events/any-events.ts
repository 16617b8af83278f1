import { hasCode } from '../platform/errors.ts';
import { type MalformedEvent, type ObjectEvent, readObjectEvents } from './object-events.ts';
import { readObsEvents } from './obs-events.ts';

/**
 * Reads an event of either cloud, told by its fields.
 * @param payload the event as text
 * @returns no event for what is one of neither cloud, such as that of a timer
 */
export function readAnyEvents(payload: string): readonly (ObjectEvent | MalformedEvent)[] {
  return (
    unlessMalformed(() => readObjectEvents(Buffer.from(payload))) ??
    unlessMalformed(() => readObsEvents(JSON.parse(payload))) ??
    []
  );
}

function unlessMalformed<Events>(read: () => Events): Events | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'EVENT_MALFORMED', 'OBS_EVENT_MALFORMED'))
      return undefined;
    throw error;
  }
}
