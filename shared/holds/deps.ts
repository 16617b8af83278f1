import type { MatterScope } from '../matters/types.ts';
import type { Clock } from '../platform/clock.ts';
import type { HoldfastError } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import type { ObjectStore, ObjectType, VersionAt } from '../storage/port.ts';

/** This is what a pass over the versions of a matter needs. */
export interface HoldPassDeps {
  readonly storage: Pick<
    ObjectStore,
    | ('cloud' | 'listVersions' | 'headObject' | 'getTags' | 'getObjectWorm' | 'holds')
    | ('getRetention' | 'putRetention')
  >;
  readonly rules: Rules;
  readonly clock: Pick<Clock, 'now'>;
  readonly concurrency: number;
  /** Nothing new is begun once it is aborted. */
  readonly signal: AbortSignal;
}

/** This is what a pass has to know of a version; a list names it, and an inventory together with HEAD. */
export interface VersionInPass extends VersionAt {
  readonly lastModified: Date;
  readonly type: ObjectType;
  readonly isLatest: boolean;
}

/** This is what became of one version. */
export interface HoldLine extends VersionAt {
  readonly action: 'hold' | 'lift';
  /** The matters that hold it, may hold it, or held it until now. */
  readonly matters: readonly string[];
  readonly result: HoldResult;
  /** The version cannot be deleted before this instant, whatever its hold; of holds that were taken off, and where retention takes their place. */
  readonly retainUntil?: Date | undefined;
  /** The end of retention is later than limits.maxRetention after Last-Modified. */
  readonly isOverCap?: true | undefined;
  readonly requestId?: string | undefined;
  readonly error?: HoldfastError | undefined;
}

export type HoldResult =
  /** The hold was put on. */
  | 'held'
  /** The hold was taken off. */
  | 'lifted'
  /** Another matter holds it, which is open. */
  | 'kept'
  /** There was no hold on it when a release was gone on with: an earlier run took it off, or nobody had put one. */
  | 'off-already'
  /** The service does not tell whether a hold was on it, and took the request to take it off. */
  | 'off-written'
  /** Its bucket takes no legal hold, and a generation of retention keeps it; after a release it goes on to its end. */
  | 'retained'
  /** There was no hold on it. */
  | 'not-held'
  /** It has a hold, and its tags are no longer those of the matter: nobody knows whose hold it is. */
  | 'left'
  /** It has a hold, and an open matter with tags has its place and time: its tags may have been those of that matter. */
  | 'left-for-matters'
  /** A symlink or an appendable object: there is nothing to hold. */
  | 'skipped'
  /** It was deleted for good meanwhile. */
  | 'gone'
  /** Its bucket takes neither a hold nor retention. */
  | 'not-offered'
  /** Its bucket took holds when the matter was opened, and does not tell of them any more: one may be on. */
  | 'not-asked'
  | 'failed';

/** A version that was worked on, with its line. */
export interface WorkedVersion {
  readonly version: VersionInPass;
  readonly line: HoldLine;
}

/** One matter's scopes: more than one only when two people opened it in the same moment. */
export type MatterScopes = readonly MatterScope[];
