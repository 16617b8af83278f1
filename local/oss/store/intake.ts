import type { FileHandle } from 'node:fs/promises';
import type { Body } from '../content.ts';
import type { Intake } from './store.ts';

/** Bodies up to this size are not worth a file each. */
export const SMALL_BYTES = 64 * 1024;

/** This is where a body goes once it is known whether it is small. */
export interface Destination {
  /** A small body; undefined when there is no room for it. */
  small(bytes: Buffer): Body | undefined;
  openFile(): Promise<FileHandle>;
  file(size: number): Body;
}

/** Takes in a body: small ones in memory, larger ones to a file as they come. `abandon` closes what is open. */
export function intake(destination: Destination): Intake & { abandon(): Promise<void> } {
  let chunks: Buffer[] = [];
  let size = 0;
  let opening: Promise<FileHandle> | undefined;
  let last: Promise<void> | undefined;

  const spill = async () => {
    opening ??= destination.openFile();
    const file = await opening;
    const waiting = chunks;
    chunks = [];
    for (const chunk of waiting) await file.appendFile(chunk);
  };
  const close = async () => {
    await last?.catch(() => undefined);
    const file = await opening?.catch(() => undefined);
    opening = undefined;
    await file?.close();
  };

  return {
    write(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= SMALL_BYTES) return undefined;
      last = spill();
      return last;
    },
    async end() {
      const small = size <= SMALL_BYTES ? destination.small(withoutSlack(chunks)) : undefined;
      if (small) return small;
      await spill();
      await close();
      return destination.file(size);
    },
    abandon: close,
  };
}

/** Returns chunks as one; a copy where a chunk is a window on something larger, which would be kept alive with it. */
export function withoutSlack(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only && only.length * 2 > only.buffer.byteLength
    ? only
    : Buffer.concat(chunks);
}
