import type { Version } from '../state.ts';
import type { Store } from '../store/store.ts';
import { walk } from './walk.ts';

/** One entry of a list of versions. */
export type ListedItem =
  | { readonly kind: 'version'; readonly key: string; readonly version: Version; readonly isLatest: boolean }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** The part of a bucket that is listed, and where the page begins. Texts are empty where nothing was asked for. */
export interface VersionRange {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly versionIdMarker: string;
}

/** Walks all versions in order: by key, and of one key the newest first, versions and delete markers in turn. */
export function* walkVersions(
  store: Store,
  bucket: string,
  { prefix, delimiter, keyMarker, versionIdMarker }: VersionRange,
): Generator<ListedItem> {
  const inclusive = versionIdMarker !== '';
  for (const entry of walk(store, bucket, {
    prefix,
    delimiter,
    after: keyMarker,
    inclusive,
    has: () => true,
  })) {
    if (entry.kind === 'prefix') {
      yield entry;
      continue;
    }
    const { key } = entry;
    const versions = store.versions(bucket, key);
    const passed =
      key === keyMarker ? versions.findIndex((each) => each.versionId === versionIdMarker) + 1 : 0;
    for (const version of versions.slice(passed)) {
      yield { kind: 'version', key, version, isLatest: version === versions[0] };
    }
  }
}
