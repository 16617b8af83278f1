import { once } from 'node:events';
import { failure } from '../../shared/platform/errors.ts';
import { note } from '../../shared/terminal/print.ts';

/*
 * Whoever reads standard output may go away before the end (`| head`). Then there is nothing more to print, and nothing
 * else changes: what was begun is finished, and the exit code says how it ended.
 */

let gone = false;
let broken = false;
let isThrown = false;

/** Lets the command live on when its standard output cannot be written any more. */
export function followReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    gone = true;
    if (error.code === 'EPIPE' || broken || isThrown) return;
    broken = true; // a full disk, for example: part of the output is missing, which is a failure
    const { code, message, remedy } = failure(
      'FILE_UNWRITABLE',
      { file: 'standard output', reason: error.message },
      { cause: error },
    );
    note(`error ${code}: ${message}\nwhat to do: ${remedy}`);
  });
  process.stderr.on('error', () => undefined);
  process.on('exit', () => {
    if (broken) process.exitCode ||= 1;
  });
}

/** Says whether nobody reads standard output any more, so that a long list may end. */
export const isReaderGone = (): boolean => gone;

/**
 * Writes a document whose writer has to know whether it was written. A reader that goes away is its end, and no error.
 * @throws every other error of standard output, which then is told by nobody else
 */
export async function writeOrThrow(write: () => Promise<void>): Promise<void> {
  isThrown = true;
  try {
    await write();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPIPE')) throw cause;
  } finally {
    isThrown = false;
  }
}

/** Writes a part of a long output, as fast as its reader takes it. */
export async function writePart(part: string | Uint8Array): Promise<void> {
  if (gone || process.stdout.write(part)) return;
  await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]).catch(() => undefined);
}
