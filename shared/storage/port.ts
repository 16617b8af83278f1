import type { CloudName } from '../platform/address.ts';

/**
 * The storage port: everything Holdfast asks of an object store. Nothing above it knows which cloud answers.
 *
 * Promises of every adapter (the contract suite in test/shared/storage holds them to it):
 * - a reply that is not a success rejects with a {@link HoldfastError} of the coded table, never resolves;
 * - what is absent by nature (no retention, no policy, no ObjectWorm) is `undefined`, not an error;
 * - instants have the service's precision and are UTC, but for Last-Modified, which has whole seconds, rounded down, from HEAD
 *   and lists alike; ETags are upper-case and unquoted;
 * - 0 days and 0 years mean absent;
 * - a list is fetched page by page, and its pages can be asked for one by one ({@link Listing});
 * - nothing is retried here; `withRetry` does that, and `readOnly` lets no write through.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Names one version of one object. `null` is the version written before versioning was on. */
export type VersionId = Branded<'VersionId'>;
/** Names one WORM policy; the fence that keeps a lock from hitting another policy than the one read. */
export type WormId = Branded<'WormId'>;
/** Upper-case, without quotes. */
export type ETag = Branded<'ETag'>;

export const versionId = (text: string): VersionId => text as VersionId;
export const wormId = (text: string): WormId => text as WormId;
export const etag = (text: string): ETag => text.replaceAll('"', '').toUpperCase() as ETag;

export interface ObjectAt {
  readonly bucket: string;
  readonly key: string;
}
/** An object's current version, or the version named. */
export interface MaybeVersionAt extends ObjectAt {
  readonly versionId?: VersionId | undefined;
}
export interface VersionAt extends ObjectAt {
  readonly versionId: VersionId;
}

/** `Normal` and `Multipart` can carry retention; the others cannot. */
export type ObjectType = 'Normal' | 'Multipart' | 'Appendable' | 'Symlink' | (string & {});

export type RetentionMode = 'COMPLIANCE' | 'GOVERNANCE';

export interface Retention {
  readonly mode: RetentionMode;
  /** The version cannot be deleted before this instant. */
  readonly until: Date;
}

export interface ObjectHead {
  /** Absent when the bucket keeps no versions. */
  readonly versionId: VersionId | undefined;
  readonly etag: ETag;
  readonly lastModified: Date;
  readonly size: number;
  readonly type: ObjectType;
  /** 0 when the service says there are none; undefined when it says nothing of tags. */
  readonly tagCount: number | undefined;
  readonly retention: Retention | undefined;
  /** True while a legal hold is on: the version cannot be deleted until it is lifted, whatever its retention says. */
  readonly legalHold?: true;
}

/** A map, not an object: a tag may be called `constructor`. */
export type Tags = ReadonlyMap<string, string>;

export interface ObjectTags {
  /** The version whose tags these are; absent when the bucket keeps no versions. */
  readonly versionId: VersionId | undefined;
  readonly tags: Tags;
}

export type ListedVersion = VersionAt &
  (
    | {
        readonly kind: 'version';
        readonly isLatest: boolean;
        readonly lastModified: Date;
        readonly etag: ETag;
        readonly size: number;
        readonly type: ObjectType;
        /** In the service's words; absent where it does not say. */
        readonly storageClass?: string | undefined;
      }
    | { readonly kind: 'delete-marker'; readonly isLatest: boolean; readonly lastModified: Date }
  );

/** A listed version that has data. */
export type DataVersion = Extract<ListedVersion, { kind: 'version' }>;

/** This is what stands at a key when HEAD finds no data. */
export type MissingObject = 'absent' | 'delete-marker';

export interface BucketSummary {
  readonly name: string;
  /** The service's region id, e.g. `cn-hangzhou`. */
  readonly region: string;
  /** The id of the account that owns it; absent where the service does not say. */
  readonly account?: string;
}

/** `Expired`: nobody locked it within 24 hours. Other words are possible and must not be acted on. */
export type PolicyState = 'InProgress' | 'Locked' | 'Expired' | (string & {});

export interface BucketPolicy {
  readonly id: WormId;
  readonly state: PolicyState;
  readonly days: number;
  readonly createdAt: Date;
}

export interface ObjectWormConfiguration {
  readonly defaultRetention?:
    | { readonly mode: RetentionMode; readonly days: number }
    | { readonly mode: RetentionMode; readonly years: number };
}

/** A small object as text, with the ETag it had. */
export interface TextObject {
  readonly text: string;
  readonly etag: ETag;
}

/** One reply of a list, and how to ask for the next; asking twice gives the same page twice. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly next: (() => Promise<Page<Item>>) | undefined;
  /** This is where the next page begins, as text that can be kept; only of lists that can be entered there. */
  readonly cursor?: string | undefined;
}
/** All items of a list in order. Whoever retries asks for pages, so that a repeated one repeats no item. */
export interface Listing<Item> extends AsyncIterable<Item> {
  readonly first: () => Promise<Page<Item>>;
}

/** This is what is in one cloud. */
export interface InCloud {
  /** The scheme of all addresses that are written of it. Nothing else may be concluded from it. */
  readonly cloud: CloudName;
}

/** Calls that change nothing. */
export interface StorageReads extends InCloud {
  /** The version's metadata; `absent` or `delete-marker` when there is no data at this key or version. */
  headObject(at: MaybeVersionAt): Promise<ObjectHead | MissingObject>;
  /** The version's tags; `undefined` when there is no data at this key or version. */
  getTags(at: MaybeVersionAt): Promise<ObjectTags | undefined>;
  getRetention(at: MaybeVersionAt): Promise<Retention | undefined>;
  /**
   * All versions and delete markers whose key begins with `prefix`, newest first within a key.
   * @param cursor of the page to go on after
   */
  listVersions(bucket: string, prefix: string, cursor?: string): Listing<ListedVersion>;
  /** The text of a small object or of one version, or `unchanged` when its ETag is still `knownETag`. */
  readText(at: MaybeVersionAt, knownETag?: ETag): Promise<TextObject | 'unchanged'>;
  /** The bytes of an object, or of one version, as they come. A connection that breaks midway rejects with UNREACHABLE. */
  readObject(at: MaybeVersionAt): Promise<AsyncIterable<Uint8Array>>;

  listBuckets(): Listing<BucketSummary>;
  getVersioning(bucket: string): Promise<'Enabled' | 'Suspended' | undefined>;
  getObjectWorm(bucket: string): Promise<ObjectWormConfiguration | undefined>;
}

/** A receipt says whether a write was sent, and by which request. */
export interface Receipt {
  /** False when a dry run kept the write back: then there is nothing to read back either. */
  readonly sent: boolean;
  /** The service's request id, for the record and for its support. */
  readonly requestId: string | undefined;
}

/** It is the receipt of a new object. */
export interface WrittenObject extends Receipt {
  /** It names the version that was written; absent when the bucket keeps no versions, and in a dry run. */
  readonly versionId?: VersionId | undefined;
  /** The service's time when it answered: Last-Modified or a moment later, in whole seconds. */
  readonly writtenAt?: Date | undefined;
}

/**
 * Is called right before each sending of a write when nothing is left to wait for, and before its repetitions while no sending may have taken
 * effect. What it throws ends the call, and nothing is sent. Its own requests go past whatever the write has waited for, which waits for them.
 */
export type LastLook = () => Promise<void>;

/** Calls that change the world; most of them for good. */
export interface StorageWrites {
  /** Puts the version under retention. A refused shortening is ACCESS_DENIED, as the service says it. */
  putRetention(at: VersionAt, retention: Retention, lastLook?: LastLook): Promise<Receipt>;
  /** Writes a small object as UTF-8 text; what the key held before is overwritten, or an older version. */
  writeText(at: ObjectAt, text: string): Promise<WrittenObject>;
  putObjectWorm(bucket: string, configuration: ObjectWormConfiguration): Promise<Receipt>;
}

/** The five calls about the WORM policy of a bucket, which OBS does not have. */
export interface BucketPolicies {
  /** The bucket's WORM policy in any state. */
  getPolicy(bucket: string): Promise<BucketPolicy | undefined>;
  initiatePolicy(bucket: string, days: number): Promise<Receipt & { readonly id: WormId }>;
  /** CompleteBucketWorm: irreversible. */
  lockPolicy(bucket: string, id: WormId): Promise<Receipt>;
  /** @param days the new total, not what is added */
  extendPolicy(bucket: string, id: WormId, days: number): Promise<Receipt>;
  /** Only possible while the policy is not locked. */
  abortPolicy(bucket: string): Promise<Receipt>;
}

/** The two calls about the legal hold of one version, which OBS does not have. */
export interface LegalHolds {
  /** True while a legal hold is on; false when it was taken off, or never set. */
  getHold(at: VersionAt): Promise<boolean>;
  /**
   * Puts a legal hold on the version, or takes it off. Its retention stays as it is. A bucket that takes no legal hold
   * is HOLD_NOT_OFFERED.
   */
  putHold(at: VersionAt, status: 'ON' | 'OFF', lastLook?: LastLook): Promise<Receipt>;
}

/** This is what every object store has: objects, versions, tags, retention, and object lock of a bucket. */
export interface ObjectStoreCalls extends StorageReads, StorageWrites {}

/** An object store of any cloud. */
export interface ObjectStore extends ObjectStoreCalls {
  /** Absent where buckets have no WORM policy. */
  readonly policies?: BucketPolicies | undefined;
  /** Absent where the service has no legal hold. */
  readonly holds?: LegalHolds | undefined;
}

/** Another name for {@link ObjectStore}. */
export type Storage = ObjectStore;
