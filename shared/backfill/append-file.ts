import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure } from '../platform/errors.ts';
import { makeFolders } from './make-folders.ts';

/** A file that only grows. */
export interface AppendFile {
  /** Adds text and waits until the disk has it. @returns the size in bytes @throws REPORT_UNWRITABLE */
  append(text: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens a file where it is certain: what was written after the last checkpoint is cut off.
 * @param certain its size in bytes at that checkpoint
 * @throws REPORT_UNWRITABLE, also when it is shorter than it was
 */
export async function openAppendFile(file: string, certain: number): Promise<AppendFile> {
  const coded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw failure('REPORT_UNWRITABLE', { file, reason }, { cause });
    }
  };
  let end = certain;
  const handle: FileHandle = await coded(async () => {
    await makeFolders(dirname(file));
    const opened = await open(file, 'a');
    const { size } = await opened.stat();
    if (size < certain) throw new Error(`it has ${size} bytes, and had ${certain} when the run was stopped`);
    if (size > certain) await opened.truncate(certain);
    return opened;
  });
  return {
    append: (text: string) =>
      coded(async () => {
        await handle.appendFile(text);
        await handle.datasync();
        end += Buffer.byteLength(text);
        return end;
      }),
    close: () => handle.close(),
  };
}
