import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Reads lines of a stream one by one.
 * @throws Error at the end of the stream, with the lines before it: nobody waits for a line that never comes
 */
export function linesOf(stream: Readable): () => Promise<string> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  const before: string[] = [];
  return async () => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`the stream has ended behind:\n${before.join('\n')}`);
    before.push(value);
    return value;
  };
}

/** Reads on to the first line that matches, and returns it. */
export async function lineLike(next: () => Promise<string>, wanted: RegExp): Promise<string> {
  for (;;) {
    const line = await next();
    if (wanted.test(line)) return line;
  }
}
