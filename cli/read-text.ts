import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { failure } from '../shared/platform/errors.ts';

/**
 * A file that was named on the command line; `-` is standard input.
 * @throws FILE_UNREADABLE
 */
export async function readText(file: string): Promise<string> {
  if (file === '-') return await text(process.stdin);
  return await readFile(file, 'utf8').catch((cause: Error) => {
    throw failure('FILE_UNREADABLE', { file, reason: cause.message }, { cause });
  });
}
