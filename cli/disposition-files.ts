import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type DisposableVersion,
  type DispositionPlan,
  disposableVersion,
  parseDispositionPlan,
} from '../shared/disposition/plan.ts';
import { failure } from '../shared/platform/errors.ts';
import { readText } from './read-text.ts';

/** Names the files of a folder of disposition. */
export const dispositionFiles = (folder: string) => ({
  plan: join(folder, 'plan.json'),
  versions: join(folder, 'versions.jsonl'),
  script: join(folder, 'delete.sh'),
  lifecycle: (bucket: string) => join(folder, `lifecycle-${bucket}.xml`),
  certificate: join(folder, 'certificate.json'),
  results: join(folder, 'certificate.jsonl'),
});

/**
 * Reads the plan of a folder, and proves that the list beside it is the plan's.
 * @throws FILE_UNREADABLE, DISPOSITION_PLAN_INVALID
 */
export async function readDispositionPlan(folder: string): Promise<DispositionPlan> {
  const { plan: file, versions } = dispositionFiles(folder);
  const plan = parseDispositionPlan(await readText(file), file);
  const hash = await hashOfFile(versions);
  if (hash !== plan.list) {
    const reason = 'it is not the list of plan.json beside it: it was edited or cut off';
    throw failure('DISPOSITION_PLAN_INVALID', { file: versions, reason });
  }
  return plan;
}

/** Returns the SHA-256 of a file, in hex. @throws FILE_UNREADABLE */
export async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch (cause) {
    throw failure(
      'FILE_UNREADABLE',
      { file, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
  return hash.digest('hex');
}

const batchSize = 1000;

/** Returns the versions of a plan, some at a time. @throws DISPOSITION_PLAN_INVALID */
export async function* batchesOfVersions(folder: string): AsyncIterable<DisposableVersion[]> {
  const file = dispositionFiles(folder).versions;
  let batch: DisposableVersion[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const parsed = disposableVersion.safeParse(JSON.parse(line));
    if (!parsed.success)
      throw failure('DISPOSITION_PLAN_INVALID', { file, reason: 'a line has another form' });
    batch.push(parsed.data);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Writes a whole file; its folder is made. @throws FILE_UNWRITABLE */
export async function writeWhole(folder: string, file: string, text: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, text);
  } catch (cause) {
    throw failure(
      'FILE_UNWRITABLE',
      { file, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}
