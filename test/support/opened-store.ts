import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { openDiskStore } from '../../local/oss/store/disk.ts';
import { memoryStore } from '../../local/oss/store/memory.ts';
import type { Store } from '../../local/oss/store/store.ts';
import { bucketOf, filesIn, temporaryFolder } from './store.ts';

export interface OpenedStore {
  readonly store: Store;
  /** The names of the body files that there are. */
  files(): string[];
}

const open = {
  memory: (): OpenedStore => {
    const temporary = temporaryFolder();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(tmpdir()).toBe(temporary);
    return { store: memoryStore(), files: () => filesIn(temporary) };
  },
  disk: async (): Promise<OpenedStore> => {
    const folder = temporaryFolder();
    return { store: await openDiskStore(folder), files: () => filesIn(join(folder, 'bodies')) };
  },
};

export const storeKinds = ['memory', 'disk'] as const;

/** A store with the bucket `records`, which closes with the test. */
export async function openedStore(kind: (typeof storeKinds)[number]): Promise<OpenedStore> {
  const result = await open[kind]();
  onTestFinished(() => result.store.close());
  result.store.saveBucket(bucketOf('records'));
  return result;
}
