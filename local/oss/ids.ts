import { randomBytes } from 'node:crypto';

/** A request id as the service writes it: 24 upper-case hex characters, the first eight the time. */
export function newRequestId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000) >>> 0;
  return (seconds.toString(16).padStart(8, '0') + randomBytes(8).toString('hex')).toUpperCase();
}

/** The id of a WORM policy or of a multipart upload: 32 upper-case hex characters. */
export function newLongId(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}

/**
 * A version id of 68 characters in the service's form: a small binary record in base64, with `.`, `_` and `-`
 * in place of `+`, `/` and `=`. Nothing can be read out of it, neither order nor time.
 */
export function newVersionId(): string {
  const head = [0x08, 0x01, 0x10, 0x8c, 0x09, 0x18];
  const serial = [...randomBytes(8).map((byte) => byte | 0x80), 0x19];
  const unique = Buffer.from(randomBytes(16).toString('hex'));
  return Buffer.from([...head, ...serial, 0x22, unique.length, ...unique])
    .toString('base64')
    .replace(/\+/g, '.')
    .replace(/\//g, '_')
    .replace(/=/g, '-');
}

/** Whether a text can be a version id at all; the service tells malformed ids from unknown ones. */
export function isVersionId(text: string): boolean {
  return text === 'null' || /^CAEQ[A-Za-z0-9._-]+$/.test(text);
}
