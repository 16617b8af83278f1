import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failure } from '../../shared/platform/errors.ts';

/** Editors write a file in several steps; this many milliseconds after the last one the file is taken to be written. */
const settledAfterMs = 50;
/** Many empty a file before they write it, or take it away; only after so many more is one that stays so taken to be meant so. */
const emptyAfterMs = 1000;

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
  /** The files that have changed since the last run. */
  const changed = new Set<string>();
  const runNext = () => {
    changed.clear();
    latest = latest.then(run);
  };
  const runWhenWritten = () => {
    if ([...changed].some(isEmpty)) settled = setTimeout(runNext, emptyAfterMs);
    else runNext();
  };
  try {
    const broken = new Promise<never>((_, reject) => {
      for (const folder of folders) {
        const watcher = watchFolder(folder, (name) => {
          const named = name === null ? [...paths] : [join(folder, name)].filter((path) => paths.has(path));
          if (named.length === 0) return;
          for (const path of named) changed.add(path);
          clearTimeout(settled);
          settled = setTimeout(runWhenWritten, settledAfterMs);
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

/** Tells whether a file has no text, or is not there. */
function isEmpty(path: string): boolean {
  try {
    return statSync(path).size === 0;
  } catch {
    return true;
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
