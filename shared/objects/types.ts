import type { ObjectType, Retention, Tags, VersionAt } from '../storage/port.ts';

/** One version of an object as the service shows it: all that a decision may look at. */
export interface ObservedVersion extends VersionAt {
  readonly lastModified: Date;
  readonly type: ObjectType | 'delete-marker';
  /** The version's own tags; empty when no candidate rule reads tags. */
  readonly tags: Tags;
  readonly retention: Retention | undefined;
  /** A legal hold changes no decision; it is shown. */
  readonly legalHold?: true | undefined;
  /**
   * Tells whether it is its key's current version, and so still in use. Undefined: nobody looked, as with an event,
   * whose date is the rule's own; then nothing is extended.
   */
  readonly isLatest?: boolean | undefined;
}

/** The kinds of versions that OSS takes no retention for (reference: ObjectWorm, unsupported objects). */
export type Unretainable = 'delete-marker' | 'appendable' | 'symlink';

/** Why a rule that matches cannot have its way; each one is reported as an error of the same code. */
export type RuleFailure =
  | {
      readonly code: 'TAG_UNREADABLE';
      readonly rule: string;
      readonly tag: string;
      readonly value: string | undefined;
      readonly expected: string;
    }
  | { readonly code: 'OVER_CAP'; readonly rule: string; readonly until: Date; readonly limit: string }
  | { readonly code: 'GOVERNANCE_MODE'; readonly rule: string };

/** The generation by which an event hold or a matter keeps a version, and why there is no final date yet. */
export type HeldOpen = {
  /** 0 is the one that an upload gets. */
  readonly generation: number;
} & (
  | { readonly why: 'no-tag' | 'unreadable' | 'over-cap'; readonly tag: string }
  /** An open matter keeps it, in a bucket that takes no legal hold. */
  | { readonly why: 'matter'; readonly matter: string }
);

/** This is what all decisions about a version that some rule covers have in common. */
export interface Ruled {
  /** The rule whose date won. */
  readonly rule: string;
  /** The other rules that matched, by name. */
  readonly others: readonly string[];
  /** The date that the rules ask for. */
  readonly until: Date;
  /** This is how the rule's own date was extended, since the version is in use; absent when it was not. */
  readonly extended?: { readonly generation: number; readonly base: Date };
  /** Present while the rule waits for the date in a tag: this is how the version is held until then. */
  readonly heldOpen?: HeldOpen;
  /** This is what was bent on the way to the date, e.g. a tag clamped to its bound. */
  readonly warnings: readonly string[];
  /** Rules that also matched and failed. The decision stands, and the event fails all the same. */
  readonly problems: readonly RuleFailure[];
}

/** A decision says what is to be done about one version. */
export type ObjectDecision =
  | ({
      readonly action: 'protect';
      readonly previousUntil: Date | undefined;
      /**
       * Present where the date is that of a generation that is only now due: the earlier date that must be stored already, by
       * the generation before and by the other rules.
       */
      readonly firm?: Date;
    } & Ruled)
  | ({ readonly action: 'already-protected'; readonly previousUntil: Date } & Ruled)
  /** In use and near its end, and neither `upTo` nor limits.maxRetention allows a later date. */
  | ({ readonly action: 'at-cap'; readonly previousUntil: Date } & Ruled)
  | ({ readonly action: 'elapsed' } & Ruled)
  | { readonly action: 'no-rule' }
  | { readonly action: 'skipped'; readonly why: Unretainable }
  | { readonly action: 'refuse'; readonly problems: readonly [RuleFailure, ...RuleFailure[]] };
