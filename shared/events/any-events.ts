import { hasCode } from '../platform/errors.ts';
import { type MalformedEvent, type ObjectEvent, readObjectEvents } from './object-events.ts';
import { readObsEvents } from './obs-events.ts';

/**
 * Reads an event of either cloud, told by its fields.
 * @param payload the event as text
 * @returns no event for what is one of neither cloud, such as that of a timer
 */
export function readAnyEvents(payload: string): readonly (ObjectEvent | MalformedEvent)[] {
  const ofOss = unlessMalformed(() => readObjectEvents(Buffer.from(payload)));
  if (ofOss?.some(isReadable)) return ofOss;
  // A CloudEvent is read as far as its data, so the reader of OSS takes one of OBS for an event with fields that are missing.
  const ofObs = unlessMalformed(() => readObsEvents(JSON.parse(payload)));
  return (ofObs?.some(isReadable) ? ofObs : ofOss) ?? ofObs ?? [];
}

const isReadable = (event: ObjectEvent | MalformedEvent): boolean => !('malformed' in event);

function unlessMalformed<Events>(read: () => Events): Events | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'EVENT_MALFORMED', 'OBS_EVENT_MALFORMED'))
      return undefined;
    throw error;
  }
}
