import { randomFillSync } from 'node:crypto';

/** Random bytes are fetched many at a time, since each fetch asks the operating system. */
const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A request id as the service writes it: 24 upper-case hex characters, the first eight the time. */
export function newRequestId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000) >>> 0;
  return (seconds.toString(16).padStart(8, '0') + randomHex(8)).toUpperCase();
}

/** The id of a WORM policy or of a multipart upload: 32 upper-case hex characters. */
export function newLongId(): string {
  return randomHex(16).toUpperCase();
}

/**
 * A version id of 68 characters in the service's form: a small binary record in base64, with `.`, `_` and `-`
 * in place of `+`, `/` and `=`. Nothing can be read out of it, neither order nor time.
 */
export function newVersionId(): string {
  const serial = Buffer.from(randomHex(8), 'hex').map((byte) => byte | 0x80);
  const unique = randomHex(16);
  return Buffer.concat([versionIdHead, serial, versionIdMiddle, Buffer.from(unique)])
    .toString('base64')
    .replace(/[+/=]/g, (character) => (character === '+' ? '.' : character === '/' ? '_' : '-'));
}

const versionIdHead = Buffer.from([0x08, 0x01, 0x10, 0x8c, 0x09, 0x18]);
const versionIdMiddle = Buffer.from([0x19, 0x22, 32]);

/** Whether a text can be a version id at all; the service tells malformed ids from unknown ones. */
export function isVersionId(text: string): boolean {
  return text === 'null' || /^CAEQ[A-Za-z0-9._-]+$/.test(text);
}
