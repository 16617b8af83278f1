import { renameSync, writeFileSync } from 'node:fs';

/** Puts a file in place of another, as many editors do: whoever watches it never sees it empty or half written. */
export function putInPlace(file: string, content: string): void {
  const beside = `${file}.new`;
  writeFileSync(beside, content);
  renameSync(beside, file);
}
