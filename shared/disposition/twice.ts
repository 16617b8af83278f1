import { versionKey } from './certify.ts';
import type { DisposableVersion } from './plan.ts';
import { createVersionSet, type VersionSet } from './version-set.ts';

type Named = Pick<DisposableVersion, 'bucket' | 'key' | 'versionId'>;

/** The most names that are compared in full. So many do not have the hash of another by chance. */
const mostAlike = 1000;

/**
 * Finds a version that a list has more than once. Names are compared by a part of their hashes, and in full where those are the same.
 * @param read reads the list from its beginning; it is called again where hashes are the same
 * @param names an empty set
 * @returns the first that comes again; undefined where there is none
 */
export async function findVersionTwice(
  read: () => AsyncIterable<readonly Named[]>,
  names: VersionSet = createVersionSet(),
): Promise<Named | undefined> {
  const alike = new Set<string>();
  for await (const name of namesOf(read())) {
    if (names.has(name) && alike.size < mostAlike) alike.add(name);
    names.add(name);
  }
  return alike.size === 0 ? undefined : await findAgain(read(), alike);
}

async function* namesOf(list: AsyncIterable<readonly Named[]>): AsyncIterable<string> {
  for await (const batch of list) yield* batch.map(versionKey);
}

/** Returns the first version that comes again in a list, of those with some names. */
async function findAgain(
  list: AsyncIterable<readonly Named[]>,
  names: ReadonlySet<string>,
): Promise<Named | undefined> {
  const seen = new Set<string>();
  for await (const batch of list) {
    for (const version of batch) {
      const name = versionKey(version);
      if (seen.has(name)) return version;
      if (names.has(name)) seen.add(name);
    }
  }
  return undefined;
}
