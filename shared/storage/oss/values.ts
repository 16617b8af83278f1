import { parseServiceDate } from '../dates.ts';
import type { Retention, RetentionMode } from '../port.ts';
import { BadReply } from './xml.ts';

/** Readers of single values. Each throws BadReply for a value that the API does not promise. */

export function readDate(text: string): Date {
  const date = parseServiceDate(text);
  if (date === undefined) throw new BadReply(`${JSON.stringify(text)} is not a date`);
  return date;
}

/** Counts arrive as text, even the days of a WORM policy. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw new BadReply(`${JSON.stringify(text)} is not a whole number`);
  }
  return count;
}

export function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new BadReply(`${JSON.stringify(text)} is not true or false`);
  return text === 'true';
}

export function readMode(text: string): RetentionMode {
  if (text !== 'COMPLIANCE' && text !== 'GOVERNANCE') {
    throw new BadReply(`${JSON.stringify(text)} is not a retention mode`);
  }
  return text;
}

/** Returns a retention from its two parts: both, or none (never set; GetObjectRetention documents empty elements). */
export function readRetention(mode: string | undefined, until: string | undefined): Retention | undefined {
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined)
    throw new BadReply('a retention has only one of mode and date');
  return { mode: readMode(mode), until: readDate(until) };
}
