import { buffer } from 'node:stream/consumers';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { decodeText, readTextFile } from '../../shared/platform/text.ts';

/**
 * Returns a file that was named on the command line; `-` is standard input.
 * @throws FILE_UNREADABLE, TEXT_ENCODING
 */
export async function readText(file: string): Promise<string> {
  if (file === '-') return decodeText(await buffer(process.stdin), 'standard input');
  return await readTextFile(file).catch((cause: Error) => {
    if (hasCode(cause, 'TEXT_ENCODING')) throw cause;
    throw failure('FILE_UNREADABLE', { file, reason: cause.message }, { cause });
  });
}
