import { isOpen, type LetterEntry, listLetters } from '../../shared/dead-letters/box.ts';
import { maxLetterBytes } from '../../shared/dead-letters/letter.ts';
import { readLetter } from '../../shared/dead-letters/read-letter.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import { etag, type ListedVersion, versionId } from '../../shared/storage/port.ts';
import { walkVersions } from '../oss/operations/walk-versions.ts';
import type { Store } from '../oss/store/store.ts';
import { readVersion } from './read-version.ts';
import type { LettersView, LetterView } from './shown.ts';

/** A cloud's object store and the folder that its rules keep dead letters in. */
export interface LettersAt {
  readonly cloud: CloudName;
  readonly store: Store;
  readonly place: ObjectPrefix;
}

/** The letters whose text is read and shown. */
const mostLetters = 50;

/** Returns the latest dead letters that functions have kept in these folders. */
export async function lettersView(places: readonly LettersAt[]): Promise<LettersView> {
  const found = await Promise.all(
    places.map(async (at) => {
      if (at.store.bucket(at.place.bucket) === undefined) return [];
      const entries = await listLetters(listsOf(at.store), at.place);
      return entries.map((entry) => ({ at, entry }));
    }),
  );
  const all = found.flat().toSorted((one, other) => (one.entry.failedAt < other.entry.failedAt ? 1 : -1));
  const letters = await Promise.all(all.slice(0, mostLetters).map(({ at, entry }) => letterView(at, entry)));
  return {
    letters,
    total: all.length,
    places: places.map(({ cloud, place: { bucket, prefix } }) =>
      formatAddress(cloud, { bucket, key: prefix }),
    ),
  };
}

async function letterView({ cloud, store }: LettersAt, entry: LetterEntry): Promise<LetterView> {
  const { id, bucket, key, failedAt } = entry;
  const view = { cloud, id, bucket, key, failedAt: failedAt.toISOString(), open: isOpen(entry) };
  const text = entry.size > maxLetterBytes ? undefined : await readVersion(store, entry);
  if (text === undefined) return view;
  try {
    const { function: name, error } = readLetter(text.toString(), key);
    return { ...view, function: name, error: `${error.code}: ${error.message}` };
  } catch (error) {
    return { ...view, error: String(error) };
  }
}

/** Lists versions straight from the store, so that the console leaves no request in the log. */
const listsOf = (store: Store) => ({
  *listVersions(bucket: string, prefix: string): Generator<ListedVersion> {
    const range = { prefix, delimiter: '', keyMarker: '', versionIdMarker: '' };
    for (const item of walkVersions(store, bucket, range)) {
      if (item.kind === 'prefix') continue;
      const { key, version, isLatest } = item;
      const { lastModified } = version;
      const common = { bucket, key, versionId: versionId(version.versionId), isLatest, lastModified };
      if (version.kind === 'delete marker') yield { kind: 'delete-marker', ...common };
      else {
        const { type, content } = version;
        yield { kind: 'version', ...common, type, etag: etag(version.etag), size: content.size };
      }
    }
  },
});
