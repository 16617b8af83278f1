import { createHash, hash } from 'node:crypto';

/** The algorithms that the services ask for. */
type Algorithm = 'md5' | 'sha256';

/**
 * Hashes what is all there in one call: an object of node:crypto for each text takes longer than the hashing. Node.js has that call from
 * 20.12 on, and the runtime of a function may be older.
 * @param encoding of the digest
 */
export const digestOf: (
  algorithm: Algorithm,
  data: string | Uint8Array,
  encoding: 'hex' | 'base64',
) => string = typeof hash === 'function' ? hash : hashBefore;

/** Hashes as {@link digestOf} does, in a Node.js without that call. */
export function hashBefore(
  algorithm: Algorithm,
  data: string | Uint8Array,
  encoding: 'hex' | 'base64',
): string {
  return createHash(algorithm).update(data).digest(encoding);
}

const block = 64;
const digestBytes = 32;
/** Bytes of a text: what is signed for a request is shorter, and a longer text costs a copy more. */
const usualBytes = 1024;

/** Returns what makes the HMAC-SHA256 of texts under one key (RFC 2104), in lower-case hex: two hashes, each in one call. */
export function hmacSha256(key: Uint8Array): (text: string) => string {
  const short = key.length <= block ? key : Buffer.from(digestOf('sha256', key, 'hex'), 'hex');
  const inner = Buffer.alloc(block + usualBytes, 0x36);
  const outer = Buffer.alloc(block + digestBytes, 0x5c);
  for (const [index, byte] of short.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  const head = inner.subarray(0, block);
  return (text) => {
    const bytes =
      text.length * 3 <= usualBytes
        ? inner.subarray(0, block + inner.write(text, block))
        : Buffer.concat([head, Buffer.from(text)]);
    outer.write(digestOf('sha256', bytes, 'hex'), block, 'hex');
    return digestOf('sha256', outer, 'hex');
  };
}
