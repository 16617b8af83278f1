import { hour } from '../platform/instant.ts';
import type { FoundRecord } from './search.ts';

/**
 * A file is written when an invocation or a step of a command ends, so its records are older than it. Function Compute
 * lets an asynchronous invocation run for 24 hours at most (fc-docs, "Limits"). A record that is older still than its
 * file comes late.
 */
const longestMs = 25 * hour;

/**
 * Puts records in the order of their times. They come file by file, and files by hours; so a record waits until no file
 * that is to come can have an earlier one, and memory holds those of about a day.
 */
export async function* inTimeOrder(found: AsyncIterable<FoundRecord>): AsyncIterable<FoundRecord> {
  let waiting: FoundRecord[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for await (const record of found) {
    const written = Math.floor(record.writtenAt.getTime() / hour) * hour;
    if (written > newest) {
      newest = written;
      const certain = newest - longestMs;
      waiting.sort(byTime);
      const later = waiting.findIndex((each) => timeOf(each) >= certain);
      const ready = later < 0 ? waiting.length : later;
      yield* waiting.slice(0, ready);
      waiting = waiting.slice(ready);
    }
    waiting.push(record);
  }
  yield* waiting.sort(byTime);
}

const byTime = (one: FoundRecord, other: FoundRecord): number => timeOf(one) - timeOf(other);

/** The record's own time; that of its file when it has none that can be read. */
function timeOf({ record, writtenAt }: FoundRecord): number {
  const time = typeof record['time'] === 'string' ? Date.parse(record['time']) : Number.NaN;
  return Number.isNaN(time) ? writtenAt.getTime() : time;
}
