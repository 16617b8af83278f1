import type { Readable } from 'node:stream';

/** Hands over each line of a stream. Splits at line feeds only: a line may hold any other character. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(onLine);
  });
  stream.on('end', () => rest && onLine(rest));
}
