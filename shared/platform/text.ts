import { readFile } from 'node:fs/promises';
import { failure } from './errors.ts';

/** The largest file of rules, tests or settings that is read: a hundred times what people write. */
export const maxTextBytes = 2 * 1024 * 1024;

/**
 * Reads bytes as UTF-8 text. A UTF-8 byte order mark is taken off; nothing is replaced or guessed.
 * @param source the file, address or argument that the bytes come from, for the message
 * @throws TEXT_ENCODING with the place of the first byte that is none, and the encoding where its mark tells it
 */
export function decodeText(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const { offset, line } = firstBadByte(bytes);
    const reason =
      encodingByMark(bytes) ?? `byte ${offset + 1}, in line ${line}, is part of no UTF-8 character`;
    throw failure('TEXT_ENCODING', { source, reason }, { cause });
  }
}

/**
 * Reads a text file, as {@link decodeText} does.
 * @throws TEXT_ENCODING; the system's own error where the file cannot be read
 */
export async function readTextFile(file: string): Promise<string> {
  return decodeText(await readFile(file), file);
}

/** UTF-16 is what Windows editors call "Unicode"; every such file begins with one of two marks. */
function encodingByMark([one, two]: Uint8Array): string | undefined {
  if (one === 0xff && two === 0xfe) return 'it is UTF-16 (little-endian), by its byte order mark';
  if (one === 0xfe && two === 0xff) return 'it is UTF-16 (big-endian), by its byte order mark';
  return undefined;
}

/** A lenient decoder replaces what is no UTF-8, so the first byte that it changes is the first bad one. */
function firstBadByte(bytes: Uint8Array): { offset: number; line: number } {
  const lenient = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  let offset = 0;
  let line = 1;
  while (offset < bytes.length && bytes[offset] === lenient[offset]) {
    if (bytes[offset] === 0x0a) line += 1;
    offset += 1;
  }
  return { offset, line };
}
