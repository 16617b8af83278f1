/** The bytes of an object or part. Where they are kept is the storage's matter. */
export interface Content {
  readonly size: number;
  /** The bytes from `start` up to, but not including, `end`. */
  read(start: number, end: number): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** Bytes in memory. */
export function memoryContent(chunks: readonly Buffer[]): Content {
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return {
    size: bytes.length,
    read: (start, end) => (start < end ? [bytes.subarray(start, end)] : []),
  };
}

/** Several contents one after the other: the parts of a multipart upload, the pieces of an append. */
export function joinContents(parts: readonly Content[]): Content {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return {
    size,
    async *read(start, end) {
      let offset = 0;
      for (const part of parts) {
        const from = Math.max(start - offset, 0);
        const to = Math.min(end - offset, part.size);
        if (from < to) yield* part.read(from, to);
        offset += part.size;
      }
    },
  };
}
