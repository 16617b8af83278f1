import { createHash } from 'node:crypto';
import { readAnyEvents } from '../events/any-events.ts';
import type { ObjectEvent } from '../events/object-events.ts';
import { formatInstant } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectAt } from '../storage/port.ts';
import type { FailedInvocation } from './envelope.ts';

/** All of a failed invocation that is needed to understand and to repeat it. */
export interface DeadLetter extends FailedInvocation {
  readonly version: 1;
  /** Sixteen hexadecimal digits, made of the function and the request alone. */
  readonly id: string;
}

/** Returns the letter of a failure, by the failure alone: a second delivery makes the same letter. */
export function letterOf(failed: FailedInvocation): DeadLetter {
  return { version: 1, id: letterId(failed), ...failed };
}

/** Names a failure: the same however often it is delivered. */
export function letterId({
  function: name,
  requestId,
}: Pick<FailedInvocation, 'function' | 'requestId'>): string {
  return createHash('sha256').update(`${name}\n${requestId}`).digest('hex').slice(0, 16);
}

/** Returns the letter as it is kept. */
export function letterText(letter: DeadLetter): string {
  return `${JSON.stringify({ ...letter, failedAt: formatInstant(letter.failedAt) }, null, 2)}\n`;
}

/**
 * A letter has no more bytes: an asynchronous event of at most 256 KiB (fc-docs, "Limits"), which JSON in JSON may make
 * several times as long, and the answer of the function that failed.
 */
export const maxLetterBytes = 8 * 1024 * 1024;

/** Returns the objects that the failed event is about; none when it is the event of a timer, or cannot be read. */
export const objectsOf = (payload: string): ObjectAt[] =>
  eventsOf(payload).map(({ bucket, key }) => ({ bucket, key }));

/** Returns the time of the earliest event of a payload; undefined when it has none that can be read. */
export function eventTimeOf(payload: string): Date | undefined {
  const times = eventsOf(payload).flatMap(({ time }) => (time === undefined ? [] : [time.getTime()]));
  return times.length === 0 ? undefined : new Date(times.reduce((least, time) => Math.min(least, time)));
}

/** The events of either cloud that can be read. */
const eventsOf = (payload: string): ObjectEvent[] =>
  readAnyEvents(payload).flatMap((event) => ('malformed' in event ? [] : [event]));

/**
 * Tells whether the failed event is about dead letters and of nothing else. The upload of a letter may fire a
 * function; if that failed and made a letter, there would be no end.
 */
export function isOwn(payload: string, { bucket, prefix }: ObjectPrefix): boolean {
  const objects = objectsOf(payload);
  return objects.length > 0 && objects.every((at) => at.bucket === bucket && at.key.startsWith(prefix));
}
