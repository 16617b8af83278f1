import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import {
  type DisposableVersion,
  type DispositionPlan,
  disposableVersion,
  parseDispositionPlan,
} from '../../shared/disposition/plan.ts';
import { findVersionTwice } from '../../shared/disposition/twice.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { reasonOf } from '../../shared/report/unreadable-bucket.ts';
import { readText } from '../options/read-text.ts';

/** Names the files of a folder of disposition. */
export const dispositionFiles = (folder: string) => ({
  plan: join(folder, 'plan.json'),
  versions: join(folder, 'versions.jsonl'),
  script: join(folder, 'delete.sh'),
  lifecycle: (bucket: string) => join(folder, `lifecycle-${bucket}.xml`),
});

/** Names the files of one certificate. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly results: string;
}

export const certificateFiles = (folder: string, name: string): CertificateFiles => ({
  certificate: join(folder, `${name}.json`),
  results: join(folder, `${name}.jsonl`),
});

/**
 * Names the next certificate: the files of an earlier one stay, since the evidence has their hashes. The second is certificate-2.
 */
export function nextCertificate(folder: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'certificate' : `certificate-${number}`;
    const { certificate, results } = certificateFiles(folder, name);
    if (!existsSync(certificate) && !existsSync(results)) return name;
  }
}

/**
 * Reads the plan of a folder, and its list to the end.
 * @throws FILE_UNREADABLE, DISPOSITION_PLAN_INVALID, also for one that is not finished, or has a version twice
 */
export async function readDispositionPlan(folder: string): Promise<DispositionPlan> {
  const { plan: file } = dispositionFiles(folder);
  if (!existsSync(file) && existsSync(join(folder, 'plan.checkpoint.json'))) {
    const reason = 'it is not finished; the command that makes it goes on where it was';
    throw failure('DISPOSITION_PLAN_INVALID', { file, reason });
  }
  const plan = parseDispositionPlan(await readText(file), file);
  const twice = await findVersionTwice(() => batchesOfVersions(folder, plan));
  if (twice !== undefined) {
    const reason = `${formatAddress(plan.cloud, twice)} is in its list twice`;
    throw failure('DISPOSITION_PLAN_INVALID', { file, reason });
  }
  return plan;
}

/** Returns the SHA-256 of a file, in hex. @throws FILE_UNREADABLE */
export async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const _chunk of hashed(file, hash));
  return hash.digest('hex');
}

const batchSize = 1000;

/**
 * Returns the versions of a plan, some at a time. Only after the last is it proved that they are the plan's: nothing may be written on
 * account of them before.
 * @throws FILE_UNREADABLE, DISPOSITION_PLAN_INVALID
 */
export async function* batchesOfVersions(
  folder: string,
  plan: Pick<DispositionPlan, 'list' | 'versions' | 'bytes'>,
): AsyncIterable<DisposableVersion[]> {
  const file = dispositionFiles(folder).versions;
  const invalid = (reason: string) => failure('DISPOSITION_PLAN_INVALID', { file, reason });
  const hash = createHash('sha256');
  const sums = { versions: 0, bytes: 0 };
  let batch: DisposableVersion[] = [];
  for await (const line of createInterface({ input: hashed(file, hash) })) {
    const version = readVersionLine(line);
    if (version === undefined) throw invalid('a line has another form');
    batch.push(version);
    sums.versions += 1;
    sums.bytes += version.size;
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
  if (hash.digest('hex') !== plan.list)
    throw invalid('it is not the list of plan.json beside it: it was edited or cut off');
  if (sums.versions !== plan.versions || sums.bytes !== plan.bytes)
    throw invalid('plan.json beside it counts other versions or bytes');
}

/** Reads a file, and adds all that is read to a hash. */
function hashed(file: string, hash: Hash): Readable {
  return Readable.from(
    (async function* () {
      try {
        for await (const chunk of createReadStream(file)) {
          hash.update(chunk);
          yield chunk;
        }
      } catch (cause) {
        throw failure('FILE_UNREADABLE', { file, reason: reasonOf(cause) }, { cause });
      }
    })(),
  );
}

function readVersionLine(line: string): DisposableVersion | undefined {
  try {
    return disposableVersion.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** A file that takes the place of another as a whole, when all of it was written. */
export interface WholeFile {
  add(text: string): Promise<void>;
  /** Ends it. @returns its SHA-256, in hex */
  written(): Promise<string>;
  /** Puts it into its place. */
  place(): Promise<void>;
  /** Removes what is not in its place. */
  drop(): Promise<void>;
}

/** Opens a file beside its place. @throws FILE_UNWRITABLE, also from what is returned */
export async function openWhole(file: string, mode: number): Promise<WholeFile> {
  const beside = `${file}.${randomUUID()}.new`;
  const hash = createHash('sha256');
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      throw failure('FILE_UNWRITABLE', { file, reason: reasonOf(cause) }, { cause });
    }
  };
  // What was not ended in time can be read by a person, and not run.
  const handle = await attempt(() => open(beside, 'wx', 0o600));
  let isOpen = true;
  const close = async () => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    add: (text) =>
      attempt(async () => {
        hash.update(text);
        await handle.appendFile(text);
      }),
    async written() {
      await attempt(close);
      return hash.digest('hex');
    },
    place: () =>
      attempt(async () => {
        await chmod(beside, mode);
        await rename(beside, file);
      }),
    async drop() {
      await close();
      await rm(beside, { force: true });
    },
  };
}

/** Writes a whole file, instead of one that is there; its folder is made. @throws FILE_UNWRITABLE */
export const writeWhole = (folder: string, file: string, text: string): Promise<void> =>
  write(folder, file, text, {});

/** Writes a file that must not be there yet; its folder is made. @throws FILE_UNWRITABLE */
export const writeNew = (folder: string, file: string, text: string): Promise<void> =>
  write(folder, file, text, { flag: 'wx' });

async function write(
  folder: string,
  file: string,
  text: string,
  options: { readonly flag?: string },
): Promise<void> {
  try {
    await makeFolders(folder);
    await writeFile(file, text, options);
  } catch (cause) {
    throw failure('FILE_UNWRITABLE', { file, reason: reasonOf(cause) }, { cause });
  }
}
