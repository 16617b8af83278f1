import type { Body } from '../content.ts';
import type { Ledger } from './bodies.ts';
import type { BodyFiles } from './body-files.ts';

/** Counts bodies in memory, and keeps small ones there up to `capacity` bytes in all. */
export function memoryLedger(files: BodyFiles, capacity: number): Ledger {
  const counts = new Map<string, number>();
  const written = new Set<string>();
  let used = 0;
  return {
    count: (id) => counts.get(id) ?? 0,
    setCount({ id }, count) {
      if (count === 0) counts.delete(id);
      else counts.set(id, count);
    },
    small(id, bytes) {
      if (used + bytes.length > capacity) return undefined;
      used += bytes.length;
      return new MemoryBody(id, bytes);
    },
    expectFile: (id) => void written.add(id),
    free(bodies) {
      for (const { id, size } of bodies) {
        if (written.delete(id)) files.remove(id);
        else used -= size;
      }
    },
  };
}

/** A class, since each small body is one: its function would be kept in memory with it. */
class MemoryBody implements Body {
  readonly id: string;
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(id: string, bytes: Buffer) {
    this.id = id;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  read(start: number, end: number): readonly Buffer[] {
    return [this.#bytes.subarray(start, end)];
  }
}
