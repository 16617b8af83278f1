import type { MaybeVersionAt, ObjectStore, ObjectType } from '../storage/port.ts';

/** One version as a source names it: what is missing is asked of the service when it is needed. */
export interface KnownVersion extends MaybeVersionAt {
  readonly lastModified?: Date | undefined;
  readonly type?: ObjectType | 'delete-marker' | undefined;
  /** Tells whether it was its key's current version when it was listed; undefined: the source does not say. */
  readonly isLatest?: boolean | undefined;
  /** 0 says that no tags need to be read; undefined when nobody knows. */
  readonly tagCount?: number | undefined;
  /** In bytes. */
  readonly size?: number | undefined;
  /** In the service's words; undefined where the source does not say. */
  readonly storageClass?: string | undefined;
  /**
   * Set for a row of an inventory, which is hours or days old and whose key Holdfast has decoded. A list of the service's
   * has just found its versions.
   */
  readonly inventory?: true | undefined;
  /** The key as it reads when a `+` in the inventory stands for a blank; absent where that makes no difference. */
  readonly otherKey?: string | undefined;
}

/** About a thousand versions: what is worked on between two checkpoints. */
export interface Shard {
  readonly versions: readonly KnownVersion[];
  /** Rows that were read for it, those that name no version included; only of an inventory. */
  readonly rows?: number | undefined;
  /** This is where the next shard begins, as text that can be kept. */
  readonly end: string;
  /** This is how much of the source is read with this shard, 0 to 1; undefined when nobody knows. */
  readonly done: number | undefined;
}

/** This is where versions come from. The same position always leads to the same rest. */
export interface Source {
  /** @param from the `end` of the last shard that is done with; the beginning without it */
  shards(from?: string): AsyncIterable<Shard>;
}

/** The position after the last page of a list, which has no cursor. */
const atEnd = 'end';

/**
 * Returns all versions of a bucket by listing them: one request for a thousand, and the next page is asked for while
 * one is worked on.
 */
export function listingSource(storage: ObjectStore, bucket: string, prefix: string): Source {
  return {
    async *shards(from) {
      if (from === atEnd) return;
      let fetch = storage.listVersions(bucket, prefix, from).first;
      for (;;) {
        const { items, next, cursor } = await fetch();
        const versions = items.map((item) => ({
          bucket,
          key: item.key,
          versionId: item.versionId,
          lastModified: item.lastModified,
          type: item.kind === 'version' ? item.type : item.kind,
          isLatest: item.isLatest,
          size: item.kind === 'version' ? item.size : undefined,
          storageClass: item.kind === 'version' ? item.storageClass : undefined,
        }));
        const ahead = next?.();
        ahead?.catch(() => undefined); // it is thrown when its turn comes
        yield { versions, end: cursor ?? atEnd, done: undefined };
        if (ahead === undefined) return;
        fetch = () => ahead;
      }
    },
  };
}

/**
 * Leaves out of a source what was uploaded at an instant or later. What has no date is left in: only an inventory has such rows, and
 * nothing comes into it any more.
 */
export const uploadedBefore = (source: Source, before: Date): Source => ({
  async *shards(from) {
    for await (const shard of source.shards(from)) {
      const versions = shard.versions.filter(
        ({ lastModified }) => lastModified === undefined || lastModified < before,
      );
      yield { ...shard, versions };
    }
  },
});
