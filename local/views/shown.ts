import type { CloudName } from '../../shared/platform/address.ts';

/*
 * The answers of the admin API that the console at /_local/ reads: JSON, instants as ISO 8601 in UTC. The page imports these
 * types, and nothing else of the embedded cloud.
 */

/** A bucket and its WORM state. */
export interface BucketView {
  readonly cloud: CloudName;
  readonly name: string;
  readonly createdAt: string;
  readonly versioning: 'Unversioned' | 'Enabled' | 'Suspended';
  /** Tells whether versions can be put under retention: ObjectWorm of OSS, WORM of OBS. */
  readonly objectWorm: boolean;
  /** The retention that a new object gets without asking. */
  readonly defaultRetention?: { readonly mode: string; readonly period: string };
  readonly policy?: PolicyView;
}

/** The WORM policy of a bucket. */
export interface PolicyView {
  readonly id: string;
  readonly state: 'InProgress' | 'Locked' | 'Expired';
  readonly days: number;
  readonly createdAt: string;
  /** The hours in which it can still be locked; absent unless it is in progress. */
  readonly hoursToLock?: number;
}

/** One version of an object, or a delete marker. */
export interface VersionView {
  readonly kind: 'version' | 'delete-marker';
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly lastModified: string;
  /** In bytes. */
  readonly size: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly retention?: { readonly mode: string; readonly until: string };
  readonly legalHold: boolean;
  /** Tells whether the server refuses to delete it now, be it for retention, a legal hold or the bucket's policy. */
  readonly immutable: boolean;
}

/** A page of versions in the order of a listing. */
export interface VersionsPage {
  readonly versions: readonly VersionView[];
  /** Absent on the last page. */
  readonly next?: VersionsMarker;
}

/** The last version of a page, where the next one begins. */
export interface VersionsMarker {
  readonly key: string;
  readonly versionId: string;
}

/** A function that is in place. */
export interface FunctionView {
  readonly cloud: CloudName;
  readonly name: string;
  readonly triggers: readonly { readonly name: string; readonly type: string; readonly when?: string }[];
}

/** A dead letter that a function has kept. */
export interface LetterView {
  readonly cloud: CloudName;
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly failedAt: string;
  /** Tells whether no replay of it has succeeded yet. */
  readonly open: boolean;
  /** Absent when the letter cannot be read. */
  readonly function?: string;
  readonly error?: string;
}

/** The dead letters of both clouds, latest first. */
export interface LettersView {
  readonly letters: readonly LetterView[];
  /** The number of all, of which the latest are listed. */
  readonly total: number;
  /** Tells where the rules keep them; empty when no rules could be read, or they name no folder. */
  readonly places: readonly string[];
}
