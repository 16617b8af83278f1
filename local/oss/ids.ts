import { randomFillSync } from 'node:crypto';
import { rememberLast } from '../remember-last.ts';

/** Random bytes are fetched many at a time, since each fetch asks the operating system. */
const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

/** Takes random bytes out of the pool. @returns where they begin in it */
function takeRandom(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}

function randomHex(bytes: number): string {
  const start = takeRandom(bytes);
  return pool.toString('hex', start, start + bytes);
}

/** Returns a request id as the service writes it: 24 upper-case hex characters, the first eight the time. */
export function newRequestId(now: Date): string {
  return hexSecond(Math.floor(now.getTime() / 1000) >>> 0) + randomHex(8).toUpperCase();
}

const hexSecond = rememberLast((second: number) => second.toString(16).padStart(8, '0').toUpperCase());

/** Returns the id of a WORM policy or of a multipart upload: 32 upper-case hex characters. */
export function newLongId(): string {
  return randomHex(16).toUpperCase();
}

/**
 * Returns a version id of 68 characters in the service's form: a small binary record in base64, with `.`, `_` and `-`
 * in place of `+`, `/` and `=`. Nothing can be read out of it, neither order nor time.
 */
export function newVersionId(): string {
  const start = takeRandom(8);
  for (let i = 0; i < 8; i++) versionIdRecord[SERIAL_AT + i] = (pool[start + i] ?? 0) | 0x80;
  versionIdRecord.write(randomHex(16), UNIQUE_AT, 'latin1');
  return `${versionIdRecord.toString('base64url').replaceAll('-', '.')}--`;
}

/** Written anew for each id: a serial number of 8 bytes and 32 characters that are unique, each behind its tag. */
const versionIdRecord = Buffer.from([
  0x08,
  0x01,
  0x10,
  0x8c,
  0x09,
  0x18,
  ...Array(8),
  0x19,
  0x22,
  32,
  ...Array(32),
]);
const SERIAL_AT = 6;
const UNIQUE_AT = 17;

/** Returns a version id of 32 characters in the form of OBS, such as `G001018455096CE600005306000000DD`. */
export const newObsVersionId = (): string => `G0010${randomHex(14).slice(1).toUpperCase()}`;

/** Tells whether a text can be a version id at all; the service tells malformed ids from unknown ones. */
export function isVersionId(text: string): boolean {
  return text === 'null' || /^(?:CAEQ[A-Za-z0-9._-]+|G[0-9A-F]{31})$/.test(text);
}
