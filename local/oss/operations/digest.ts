import { createHash } from 'node:crypto';
import type { Content } from '../content.ts';
import { crc64 } from '../crc64.ts';

/** Reads a content and returns its checksums. */
export async function digest(content: Content): Promise<{ md5: string; etag: string; crc64: string }> {
  const md5 = createHash('md5');
  const crc = crc64();
  for await (const chunk of content.read(0, content.size)) {
    md5.update(chunk);
    crc.update(chunk);
  }
  const bytes = md5.digest();
  return {
    md5: bytes.toString('base64'),
    etag: bytes.toString('hex').toUpperCase(),
    crc64: crc.digest(),
  };
}
