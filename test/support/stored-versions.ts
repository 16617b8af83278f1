import type { CloudName } from '../../shared/platform/address.ts';
import { etag, type ObjectHead, type StorageReads, type Tags, versionId } from '../../shared/storage/port.ts';

/** A version that a fake of the storage has; what is not given is plain. */
export interface StoredVersion {
  readonly key: string;
  readonly id: string;
  readonly head?: Partial<ObjectHead>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Reads of single versions from memory. */
export interface StoredVersions {
  readonly storage: StorageReads;
  /** The calls so far, each with what it was about. */
  readonly asked: string[];
  /** Deletes one version for good. */
  remove(id: string): void;
  /** Puts another version over a key; its deleted one is a delete marker. */
  add(version: StoredVersion | { readonly key: string; readonly id: string; readonly isMarker: true }): void;
  before(call: BeforeCall): void;
}

/** Does something just before a call, which is numbered from 1: deletes a version, or fails. */
export type BeforeCall = (number: number, name: string) => unknown;

/** A fake of the storage with these versions, each key's newest last; whatever else is asked fails the test. */
export function storedVersions(
  versions: readonly StoredVersion[],
  { cloud = 'oss', lastModified }: { readonly cloud?: CloudName; readonly lastModified: Date },
): StoredVersions {
  let all: (StoredVersion & { readonly isMarker?: true })[] = [...versions];
  const asked: string[] = [];
  let hook: BeforeCall = () => undefined;
  const unexpected = (): never => {
    throw new Error('nobody asks this here');
  };
  const find = async (name: string, key: string, id: string | undefined) => {
    asked.push([name, key, ...(id === undefined ? [] : [id])].join(' '));
    await hook(asked.length, name);
    return all.findLast((each) => each.key === key && (id === undefined || each.id === id));
  };
  return {
    asked,
    remove(id) {
      all = all.filter((each) => each.id !== id);
    },
    add(version) {
      all.push(version);
    },
    before(call) {
      hook = call;
    },
    storage: {
      cloud,
      headObject: ({ key, versionId: id }) =>
        find('headObject', key, id).then((found) => {
          if (found === undefined) return 'absent';
          if (found.isMarker === true) return 'delete-marker';
          return {
            ...{ versionId: versionId(found.id), lastModified, etag: etag('e'), size: 1, type: 'Normal' },
            ...{ tagCount: 0, retention: undefined },
            ...found.head,
          };
        }),
      getTags: ({ key, versionId: id }) =>
        find('getTags', key, id).then((found) => {
          if (found === undefined || found.isMarker === true) return undefined;
          const tags: Tags = new Map(Object.entries(found.tags ?? {}));
          return { versionId: versionId(found.id), tags };
        }),
      getRetention: unexpected,
      listVersions: unexpected,
      readText: unexpected,
      readObject: unexpected,
      listBuckets: unexpected,
      getVersioning: unexpected,
      getObjectWorm: unexpected,
    },
  };
}
