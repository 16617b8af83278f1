import { createHash, randomBytes } from 'node:crypto';
import { hour } from '../platform/instant.ts';
import { utcInstant } from '../platform/utc.ts';

/*
 * Where evidence is, below the folder that the rules name:
 *
 *   2026/11/21/10/object-created-9f86d081884c7d65/00000003-SHA256.jsonl
 *   hour (UTC)    writer: one instance, or one run  number, and the hash of the content
 *
 * A name holds the hash of what it names. So whoever names a file also says what is in it, and a list of names can be
 * compared with any other without reading a file. Files lie by hours, so that what is recent can be listed alone.
 */

/** One file of evidence. */
export interface FileName {
  /** `2026/11/21/10`, in UTC. */
  readonly hour: string;
  /** Whoever wrote it, alone. */
  readonly writer: string;
  /** Counts from 1 for each writer. */
  readonly sequence: number;
  /** It is the hash of the content, in hex. */
  readonly sha256: string;
}

/** Returns the file's key without the folder. */
export function formatName({ hour, writer, sequence, sha256 }: FileName): string {
  return `${hour}/${writer}/${String(sequence).padStart(digits, '0')}-${sha256}.jsonl`;
}

const digits = 8;
const form = /^(\d{4}\/\d{2}\/\d{2}\/\d{2})\/([a-z0-9-]+-[0-9a-f]{16})\/(\d{8})-([0-9a-f]{64})\.jsonl$/;

/** Tells what a key without the folder says; undefined for anything that is no file of evidence. */
export function parseName(text: string): FileName | undefined {
  const [, hour, writer, number, sha256] = form.exec(text) ?? [];
  if (hour === undefined || writer === undefined || sha256 === undefined) return undefined;
  return startOf(hour) && { hour, writer, sequence: Number(number), sha256 };
}

/** Returns the hour of an instant, as names have it. */
export const hourOf = (instant: Date): string => instant.toISOString().slice(0, 13).replace(/[-T]/g, '/');

/** Returns the end of the hour, when a file of it has been written at the latest. */
export function endOf(name: Pick<FileName, 'hour'>): Date {
  return new Date((startOf(name.hour)?.getTime() ?? Number.NaN) + hour);
}

function startOf(text: string): Date | undefined {
  const [year = 0, month = 0, date = 0, hour = 0] = text.split('/').map(Number);
  return /^\d{4}(\/\d\d){3}$/.test(text) ? utcInstant({ year, month, date, hour }) : undefined;
}

/** @param by the function or the command, such as `object-created` */
export const newWriter = (by: string): string =>
  `${by.replaceAll(' ', '-')}-${randomBytes(8).toString('hex')}`;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
