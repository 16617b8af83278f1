import { systemClock } from '../shared/platform/clock.ts';
import { failure } from '../shared/platform/errors.ts';
import { type KeptState, readKeptState } from './kept-state.ts';
import type { Store } from './oss/store/store.ts';

/**
 * Opens the folder that keeps the data. The code for it is loaded only here, because it brings a native module, which is
 * not part of the package.
 * @throws HoldfastError DATA_PACKAGE_MISSING, DATA_IN_USE, DATA_UNUSABLE
 */
export async function openData(folder: string): Promise<Store> {
  await import('lmdb').catch((cause: unknown) => {
    throw failure('DATA_PACKAGE_MISSING', { folder, reason: String(cause) }, { cause });
  });
  const { openDiskStore } = await import('./oss/store/disk.ts');
  return openDiskStore(folder);
}

/** Reads what is kept beside the objects; the data are closed when that fails. */
export async function readKeptOrClose(folder: string, data: Store | undefined): Promise<KeptState> {
  try {
    return readKeptState(folder);
  } catch (error) {
    await data?.close();
    throw error;
  }
}

/** Returns the later of the instant asked for and what the kept time has become. */
export function startOf(clock: Date | undefined, data: Store | undefined): Date | undefined {
  const offsetMs = data?.clockOffset();
  if (offsetMs === undefined) return clock;
  const kept = new Date(systemClock.now().getTime() + offsetMs);
  return clock && clock > kept ? clock : kept;
}
