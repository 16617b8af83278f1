import type { Oldest } from '../buckets/oldest.ts';
import type { BucketDecision } from '../buckets/types.ts';
import type { ObjectDecision, ObservedVersion } from '../objects/types.ts';
import type { CloudName } from '../platform/address.ts';
import type { BucketPolicy } from '../storage/port.ts';

/** A test file is a list of these. Every instant is absolute by now. */
export type Case = ObjectCase | BucketCase;

interface CaseBase {
  readonly name: string;
  readonly now: Date;
}

/** This is what is decided about one version of an object. */
export interface ObjectCase extends CaseBase {
  readonly kind: 'object';
  /** The cloud that the object is in. */
  readonly cloud: CloudName;
  readonly version: ObservedVersion;
  readonly expect: Expectation;
}

/** This is what is decided about the WORM policy of a bucket. */
export interface BucketCase extends CaseBase {
  readonly kind: 'bucket';
  readonly bucket: string;
  /** Undefined: the bucket has none. */
  readonly policy: BucketPolicy | undefined;
  /** Undefined: nobody looked, and the policy's age counts. */
  readonly oldest?: Oldest | undefined;
  readonly expect: Expectation;
}

/** `no-rule`: no bucket rule is for the bucket. `refuse`: rules claim it that cannot be right together. */
export type BucketAction = BucketDecision['action'] | 'no-rule' | 'refuse';
export type Action = ObjectDecision['action'] | BucketAction;

/**
 * This is what a case says of the decision. What it does not say is not compared, but for errors: one that it does
 * not name fails it, since the event or the run would fail as well.
 */
export interface Expectation {
  readonly action: Action;
  readonly rule?: string | undefined;
  readonly others?: readonly string[] | undefined;
  readonly until?: Date | undefined;
  readonly days?: number | undefined;
  readonly problem?: string | undefined;
  /** A part of each warning, in their order. */
  readonly warnings?: readonly string[] | undefined;
  readonly codes: readonly string[];
}

/** This is what the rules decided. */
export interface FoundDecision extends Expectation {
  readonly others: readonly string[];
  readonly warnings: readonly string[];
  /** In the words of the log. */
  readonly reason: string;
  /** The rules that the decision came from, by name: the one whose date won, and those that failed. */
  readonly covers: readonly string[];
}
