import { hash } from 'node:crypto';

const BLOCK = 64;

/**
 * Returns the HMAC-SHA256 of texts under one key (RFC 2104), in lower-case hex. It is two hashes in one call each: an object of
 * node:crypto for each text costs more than the hashing.
 * @param key at most 64 bytes
 */
export function hmacSha256(key: Buffer): (text: string) => string {
  const inner = Buffer.alloc(BLOCK, 0x36);
  const outer = Buffer.alloc(BLOCK, 0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  return (text) => {
    const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'hex');
    return hash('sha256', Buffer.concat([outer, Buffer.from(digest, 'hex')]));
  };
}
