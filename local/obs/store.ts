import type { Bucket, Upload } from '../oss/state.ts';
import type { Store } from '../oss/store/store.ts';

/** This is what the names of OBS's buckets begin with in the store; no bucket's own name can. */
const mark = 'obs:';

const marked = (name: string): string => `${mark}${name}`;

/** Returns the part of a store that holds OSS's buckets: those of OBS do not show. */
export function ossShareOf(store: Store): Store {
  return {
    ...store,
    bucket: (name) => (name.startsWith(mark) ? undefined : store.bucket(name)),
    buckets: () => store.buckets().filter(({ name }) => !name.startsWith(mark)),
  };
}

/**
 * Returns the part of a store that holds OBS's buckets. A bucket of either cloud may have any name, also one that is
 * taken in the other.
 */
export function obsShareOf(store: Store): Store {
  const shown = (bucket: Bucket): Bucket => ({ ...bucket, name: bucket.name.slice(mark.length) });
  const own = (upload: Upload | undefined): Upload | undefined =>
    upload && { ...upload, bucket: upload.bucket.slice(mark.length) };
  return {
    ...store,
    bucket(name) {
      const found = store.bucket(marked(name));
      return found && shown(found);
    },
    buckets: () =>
      store
        .buckets()
        .filter(({ name }) => name.startsWith(mark))
        .map(shown),
    saveBucket: (bucket) => store.saveBucket({ ...bucket, name: marked(bucket.name) }),
    removeBucket: (name) => store.removeBucket(marked(name)),
    versions: (bucket, key) => store.versions(marked(bucket), key),
    addVersion: (bucket, key, version) => store.addVersion(marked(bucket), key, version),
    replaceVersion: (bucket, key, version) => store.replaceVersion(marked(bucket), key, version),
    saveVersions: (bucket, key, versions) => store.saveVersions(marked(bucket), key, versions),
    nextKey: (bucket, from, inclusive) => store.nextKey(marked(bucket), from, inclusive),
    upload: (bucket, id) => own(store.upload(marked(bucket), id)),
    uploads: (bucket) => store.uploads(marked(bucket)).flatMap((upload) => own(upload) ?? []),
    saveUpload: (upload) => store.saveUpload({ ...upload, bucket: marked(upload.bucket) }),
    savePart: (bucket, uploadId, part) => store.savePart(marked(bucket), uploadId, part),
    removeUpload: (bucket, id) => store.removeUpload(marked(bucket), id),
  };
}
