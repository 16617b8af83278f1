import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zipSync } from 'fflate';
import { isDeployed } from '../../../shared/deploy/code-package.ts';

/** A package of code, and the state of the files that it was made of. */
interface Packed {
  readonly state: string;
  readonly zip: Buffer;
}

/** Makes what packs built folders: anew only when one of the files has changed, and the same files give the same bytes. */
export function createFolderPacker(): (folder: string) => Buffer {
  const known = new Map<string, Packed>();
  return (folder) => {
    const packed = packFolder(folder, known.get(folder));
    known.set(folder, packed);
    return packed.zip;
  };
}

function packFolder(folder: string, known: Packed | undefined): Packed {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isDeployed(relative(folder, file)))
    .sort();
  const state = files.map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`).join();
  if (known?.state === state) return known;
  const contents = files.map((file) => [relative(folder, file), new Uint8Array(readFileSync(file))] as const);
  const zip = zipSync(Object.fromEntries(contents), { level: 1, mtime: '1980-01-02T00:00:00Z' });
  return { state, zip: Buffer.from(zip) };
}
