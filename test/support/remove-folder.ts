import { rmSync } from 'node:fs';

const mostTries = 100;

/**
 * Removes a folder into which a program may still write, such as one that `s` has left behind. `rmSync` by itself tries again
 * to remove the folder, and never what has come into it meanwhile.
 * @throws ENOTEMPTY when something goes on writing for ten seconds
 */
export function removeFolder(folder: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 1 });
      return;
    } catch (error) {
      if (
        tries === mostTries ||
        !(error instanceof Error) ||
        !('code' in error) ||
        error.code !== 'ENOTEMPTY'
      )
        throw error;
    }
  }
}
