import type { Pattern } from '../rules/types.ts';
import type { MatterPlaces } from './places.ts';

/** This is what a matter holds: versions in its places, with its tags, of its time. */
export interface MatterScope {
  readonly places: MatterPlaces;
  /** Every tag must be there, and its value match. */
  readonly tags: ReadonlyMap<string, Pattern>;
  /** Versions with this Last-Modified or a later one; undefined: from the first on. */
  readonly from: Date | undefined;
  /** Versions with a Last-Modified before this; undefined: without end. */
  readonly until: Date | undefined;
}

/** Whoever wrote a record, as the command line knows it; a name of a key, never a secret. */
export interface MatterAuthor {
  readonly caller: string;
  readonly callerFrom: string;
}

interface About {
  /** The name of the matter. */
  readonly id: string;
  /** The service's time. */
  readonly at: Date;
  readonly by: MatterAuthor;
}

export interface MatterOpened extends About {
  readonly kind: 'opened';
  readonly reason: string;
  readonly scope: MatterScope;
}

/** It ends the records of `opened` that it names, and no other: one that nobody had seen yet stays open. */
export interface MatterReleased extends About {
  readonly kind: 'released';
  readonly reason: string;
  readonly follows: readonly string[];
}

/** It says what one pass over the versions has done: `held` after `opened`, `lifted` after `released`. */
export interface MatterPass extends About {
  readonly kind: 'held' | 'lifted';
  readonly follows: readonly string[];
  /** True when nothing was left to do. */
  readonly complete: boolean;
  readonly counts: Readonly<Record<string, number>>;
  /** Buckets that took holds; absent where none did, where there are too many to name, and in records of earlier versions. */
  readonly withHolds?: readonly string[] | undefined;
  /** Buckets that took no legal hold, so that retention keeps their versions; by name. */
  readonly withoutHolds?: readonly string[] | undefined;
  /** Buckets that took holds of some versions, and then no more. */
  readonly partlyHeld?: readonly string[] | undefined;
  /** Why the versions of a released matter were gone over again. */
  readonly reason?: string | undefined;
}

/** One object of the folder of matters. None is ever changed; what happens later is said by the next. */
export type MatterRecord = MatterOpened | MatterReleased | MatterPass;

export type MatterRecordKind = MatterRecord['kind'];
