import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc64 } from '../../oss/crc64.ts';
import { unpack } from './archive.ts';

/** A package of code that was uploaded. */
export interface CodePackage {
  /** Names its folder and its zip; a new one for each upload. */
  readonly id: string;
  /** Bytes of the zip. */
  readonly size: number;
  /** CRC-64 of the zip, as the service gives it in `codeChecksum`. */
  readonly checksum: string;
}

/** The uploaded packages of code: each one as its zip, and unpacked. */
export interface CodeStore {
  /** Keeps a package. @throws ArchiveError, and then nothing is kept */
  add(zip: Buffer): Promise<CodePackage>;
  /** The folder that a package is unpacked in. */
  folder(id: string): string;
  zip(id: string): Promise<Buffer>;
  /** Tells after a restart if a package is there. */
  has(id: string): boolean;
  remove(id: string): Promise<void>;
  /** Removes every package but these, such as one that was being put in place when the process ended. */
  keepOnly(ids: ReadonlySet<string>): void;
  /** Removes the packages, unless they are kept in a folder that was given. */
  close(): void;
}

/** Makes the store of packages. @param given the folder that keeps them over a restart; a temporary one without */
export function createCodeStore(given: string | undefined): CodeStore {
  let temporary: string | undefined;
  const root = () => {
    if (given !== undefined) return given;
    temporary ??= mkdtempSync(join(tmpdir(), 'holdfast-code-'));
    return temporary;
  };
  const folder = (id: string) => join(root(), id);
  const zipFile = (id: string) => join(root(), `${id}.zip`);

  return {
    async add(zip) {
      const id = randomUUID();
      await mkdir(root(), { recursive: true, mode: 0o700 });
      await unpack(zip, folder(id));
      await writeFile(zipFile(id), zip, { mode: 0o600 });
      return { id, size: zip.length, checksum: checksumOf(zip) };
    },
    folder,
    zip: (id) => readFile(zipFile(id)),
    has: (id) => existsSync(folder(id)) && existsSync(zipFile(id)),
    async remove(id) {
      await rm(folder(id), { recursive: true, force: true });
      await rm(zipFile(id), { force: true });
    },
    keepOnly(ids) {
      if (given === undefined || !existsSync(given)) return;
      for (const name of readdirSync(given)) {
        if (!ids.has(name.replace(/\.zip$/, ''))) rmSync(join(given, name), { recursive: true, force: true });
      }
    },
    close() {
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Returns the CRC-64 of bytes as decimal digits. */
export function checksumOf(bytes: Buffer): string {
  const sum = crc64();
  sum.update(bytes);
  return sum.digest();
}
