import { type FSWatcher, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failure } from '../../shared/platform/errors.ts';

/** Editors write a file in several steps; this many milliseconds after the last one the file is taken to be written. */
const settledAfterMs = 50;

/**
 * Runs something now, and again after each change of one of the files, until it is stopped. Folders are watched, not files:
 * many editors put a new file in place of the old one.
 * @param run must not throw; runs never overlap
 * @throws FILE_UNREADABLE when a folder cannot be watched
 */
export async function runOnChange(
  files: readonly string[],
  run: () => Promise<void>,
  stopped: Promise<void>,
): Promise<void> {
  const paths = new Set(files.map((file) => resolve(file)));
  const folders = new Set([...paths].map((path) => dirname(path)));
  const watchers: FSWatcher[] = [];
  let latest = Promise.resolve();
  let settled: NodeJS.Timeout | undefined;
  const runNext = () => {
    latest = latest.then(run);
  };
  try {
    const broken = new Promise<never>((_, reject) => {
      for (const folder of folders) {
        const watcher = watchFolder(folder, (name) => {
          if (name !== null && !paths.has(join(folder, name))) return;
          clearTimeout(settled);
          settled = setTimeout(runNext, settledAfterMs);
        });
        watchers.push(watcher);
        watcher.on('error', (cause) => reject(unwatchable(folder, cause)));
      }
    });
    runNext();
    await Promise.race([stopped, broken]);
  } finally {
    clearTimeout(settled);
    for (const watcher of watchers) watcher.close();
    await latest;
  }
}

function watchFolder(folder: string, onChange: (name: string | null) => void): FSWatcher {
  try {
    return watch(folder, (_, name) => onChange(name));
  } catch (cause) {
    throw unwatchable(folder, cause);
  }
}

const unwatchable = (folder: string, cause: unknown) =>
  failure(
    'FILE_UNREADABLE',
    { file: folder, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );
