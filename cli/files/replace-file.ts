import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';

type Content<Part> = Iterable<Part> | AsyncIterable<Part>;

/**
 * Writes a file beside its place, and into it when it is whole: whoever opens it finds the old one or the new one. What is no plain file,
 * such as a device or a pipe, is written as it stands.
 * @param content a text, or its parts
 * @returns its bytes
 * @throws FILE_UNWRITABLE, and the coded error that reading the content ends with
 */
export async function replaceFile(
  file: string,
  content: string | Content<string | Uint8Array>,
): Promise<number> {
  const there = await stat(file).catch(() => undefined);
  const beside = there === undefined || there.isFile() ? `${file}.${randomUUID()}.new` : undefined;
  const writing = createWriteStream(beside ?? file);
  try {
    await pipeline(Readable.from(typeof content === 'string' ? [content] : content), writing);
    if (beside !== undefined) await rename(beside, file);
    return writing.bytesWritten;
  } catch (cause) {
    // Where nothing can be written, nothing can be removed either: the first error is the one to tell.
    if (beside !== undefined) await rm(beside, { force: true }).catch(() => undefined);
    throw cause instanceof HoldfastError ? cause : unwritable(file, cause);
  }
}

/** Makes the error of a file or folder that cannot be written. */
export const unwritable = (file: string, cause: unknown): HoldfastError =>
  failure(
    'FILE_UNWRITABLE',
    { file, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );
