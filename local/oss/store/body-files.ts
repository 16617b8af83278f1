import { mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 256 * 1024;

/** Bodies as files, named by their ids. */
export interface BodyFiles {
  create(id: string): Promise<FileHandle>;
  read(id: string, start: number, end: number): AsyncGenerator<Buffer>;
  remove(id: string): void;
}

/** @param folder called when there is something to write: a folder that nobody needs is not made */
export function bodyFiles(folder: () => string): BodyFiles {
  const pathOf = (id: string) => join(folder(), id.slice(-2), id);
  const made = new Set<string>();
  return {
    create(id) {
      const shard = id.slice(-2);
      if (!made.has(shard)) mkdirSync(join(folder(), shard), { recursive: true, mode: 0o700 });
      made.add(shard);
      return open(pathOf(id), 'wx', 0o600);
    },
    async *read(id, start, end) {
      const file = await open(pathOf(id));
      try {
        for (let at = start; at < end; ) {
          const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
          if (bytesRead === 0) throw new Error(`body ${id} ends at ${at} instead of ${end}`);
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    },
    remove: (id) => rmSync(pathOf(id), { force: true }),
  };
}
