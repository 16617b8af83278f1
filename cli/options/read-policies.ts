import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../../shared/platform/errors.ts';

/**
 * Reads the policies of a folder such as ram/, by their file names in order.
 * @throws FILE_UNREADABLE
 */
export async function readPolicies(folder: string): Promise<Map<string, string>> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    return new Map(
      await Promise.all(
        names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
      ),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('FILE_UNREADABLE', { file: folder, reason }, { cause });
  }
}
