import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { failure } from './errors.ts';

const mebibyte = 1024 * 1024;

/** The largest file of rules, tests or settings that is parsed: a hundred times what people write. */
export const maxTextBytes = 2 * mebibyte;

/** The largest object or file that is read as text, in bytes; what is larger is read in parts. */
export const mostOfText = 32 * mebibyte;

/** The most bytes that are read of a list that a command wrote: what is longer would not fit into one text. */
export const mostOfList = 500 * mebibyte;

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
 * Reads a text file, as {@link decodeText} does. A device, or what another program writes, may have no end: so no more than `most` bytes are read.
 * @throws TEXT_ENCODING; the system's own error where the file cannot be read; an Error where it is too long
 */
export async function readTextFile(file: string, most = mostOfText): Promise<string> {
  return decodeText(await bytesUpTo(createReadStream(file), most), file);
}

/** Reads a text file at once, as {@link readTextFile} does. */
export function readTextFileSync(file: string): string {
  const { add, all } = gathered(mostOfText);
  const opened = openSync(file, 'r');
  try {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const size = readSync(opened, chunk);
      if (size === 0) return decodeText(all(), file);
      add(chunk.subarray(0, size));
    }
  } finally {
    closeSync(opened);
  }
}

const chunkBytes = 64 * 1024;

/** Returns all bytes of a stream. @throws an Error where it has more than `most` */
export async function bytesUpTo(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const { add, all } = gathered(most);
  for await (const chunk of stream) add(chunk);
  return all();
}

function gathered(most: number) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk: Uint8Array) {
      size += chunk.length;
      if (size > most) throw new Error(`it has more than ${most / mebibyte} MiB`);
      chunks.push(chunk);
    },
    all: () => Buffer.concat(chunks),
  };
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
