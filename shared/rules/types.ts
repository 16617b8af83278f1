import type { CloudName } from '../platform/address.ts';
import type { GlobData } from './glob/matcher.ts';

/** The rules as the decisions use them: checked, with durations and globs compiled. */

/** Calendar months and a fixed length; `7y` is 84 months, `90d` is 90 times 24 hours. */
export interface Duration {
  readonly months: number;
  readonly ms: number;
  /** It is the text as it stood in the rules or the tag, for messages. */
  readonly text: string;
}

export interface Rules {
  /** The cloud that they were narrowed to: the scheme of the addresses of its buckets. Nothing is decided by it. */
  readonly cloud: CloudName;
  readonly limits: { readonly maxRetention: Duration };
  readonly objects: readonly ObjectRule[];
  readonly buckets: readonly BucketRule[];
  readonly defaults: readonly DefaultRule[];
  /** This is where failed events are kept; undefined: nowhere. */
  readonly deadLetters?: ObjectPrefix | undefined;
  /** This is where the record of every decision goes as evidence; undefined: nowhere but the log. */
  readonly audit?: ObjectPrefix | undefined;
  /** The text that they were read from; absent where nobody kept it. Nothing is decided by it. */
  readonly text?: string | undefined;
  /** Absent: nothing needs an approval but disposition. */
  readonly approvals?: ApprovalNeeds | undefined;
}

/** The acts that somebody else has to approve before they are done. */
export interface ApprovalNeeds {
  readonly lock: boolean;
  readonly extend: boolean;
  /** Counted from now; undefined: however long. */
  readonly retainLongerThan: Duration | undefined;
  /** Versions that one run may write; undefined: however many. */
  readonly protectMoreThan: number | undefined;
  readonly release: boolean;
}

/** A folder of a bucket. */
export interface ObjectPrefix {
  readonly bucket: string;
  /** Ends with `/`. */
  readonly prefix: string;
}

/** Compiled globs as plain data, from which a pattern is made at once. */
export interface PatternData {
  readonly globs: readonly string[];
  readonly positive: readonly GlobData[];
  readonly negative: readonly GlobData[];
}

/** One or more globs; a name matches when a positive glob matches and no `!` glob does. */
export interface Pattern {
  readonly globs: readonly string[];
  /** The compiled globs as plain data. */
  readonly data: PatternData;
  matches(name: string): boolean;
}

/** Why a rule is there, for people: no decision reads it. */
export interface Reasons {
  /** The law, contract or policy that asks for the retention. */
  readonly because?: string | undefined;
  /** Who answers for the rule. */
  readonly owner?: string | undefined;
  /** The end of the day until which the rule is to be looked at again. */
  readonly review?: Date | undefined;
}

export interface ObjectRule extends Reasons {
  readonly name: string;
  readonly match: {
    readonly bucket: Pattern;
    /** Absent: every key. */
    readonly key: Pattern | undefined;
    /** Every tag named must be there, and its value match. */
    readonly tags: ReadonlyMap<string, Pattern>;
  };
  readonly retain: Retain;
  /** Undefined: never. */
  readonly extend?: ObjectExtend | undefined;
  /** Present where an open matter stands behind the rule, and no line of the rules file (shared/matters/hold-rules.ts). */
  readonly matter?: MatterBehindRule | undefined;
}

/** This is what an open matter looks at in a version, beside its tags. */
interface CoveredVersion {
  readonly bucket: string;
  readonly key: string;
  readonly lastModified: Date;
  readonly legalHold?: true | undefined;
}

/** An open matter that keeps versions by generations of retention. */
export interface MatterBehindRule {
  readonly id: string;
  /** Tells whether a version may be under a legal hold, which only a look at it shows. */
  readonly looksForHold: boolean;
  /** Tells whether a version is in its places and of its time, and no legal hold keeps it. */
  covers(version: CoveredVersion): boolean;
}

/** This is how versions that are still in use are kept protected beyond the date that `retain` gives. */
export interface ObjectExtend {
  /** Extend when the end is nearer than this. */
  readonly withinMs: number;
  /** The length of a generation. */
  readonly byMs: number;
  /** From Last-Modified. */
  readonly upTo: Duration;
}

/** The generations by which an event hold keeps a version until the date in a tag is there. */
export interface EventHold {
  /** Renew when the end is nearer than this. */
  readonly withinMs: number;
  /** The length of a generation; the first counts from Last-Modified. */
  readonly byMs: number;
}

/** Bounds on what a tag may ask for, counted from the start that the period is counted from. */
export interface TagBounds {
  readonly atLeast: Duration | undefined;
  readonly atMost: Duration | undefined;
  /** Counted from Last-Modified, when the tag is missing or cannot be read. */
  readonly otherwise: Duration | undefined;
}

/** The end of a year: its last day, and the zone in which the day ends. */
export interface YearEnd {
  /** 1 to 12. */
  readonly month: number;
  readonly date: number;
  /** Milliseconds by which the zone is ahead of UTC. */
  readonly offsetMs: number;
}

export type Retain =
  | { readonly kind: 'for'; readonly period: Duration }
  /** From the end of the year in which Last-Modified lies. */
  | { readonly kind: 'from-year-end'; readonly period: Duration; readonly yearEnd: YearEnd }
  | ({ readonly kind: 'for-tag'; readonly tag: string } & TagBounds)
  | ({ readonly kind: 'until-tag'; readonly tag: string } & TagBounds)
  | ({ readonly kind: 'from-tag'; readonly tag: string; readonly period: Duration } & TagBounds & {
        /** Present: from the end of the year in which the date of the tag lies. */
        readonly yearEnd?: YearEnd | undefined;
        /** Present: the version is held while the date is not there. */
        readonly whileOpen?: EventHold | undefined;
      });

export interface BucketRule extends Reasons {
  readonly name: string;
  readonly match: { readonly bucket: Pattern };
  readonly policy: {
    /** This is what an initiated policy must have to be locked, in days, both ends included. */
    readonly days: { readonly atLeast: number; readonly atMost: number };
    /** Create a missing or lapsed policy with that many days; undefined: never. */
    readonly initiate: number | undefined;
    /** Lock an acceptable policy once it is this old; undefined: only watch. */
    readonly lockAfterMs: number | undefined;
    /** This is what to do with an unlocked policy that the rule does not accept. */
    readonly mismatch: 'report' | 'abort';
    readonly extend: Extend | undefined;
  };
}

/** The default retention that buckets with object lock shall have, in COMPLIANCE. */
export interface DefaultRule extends Reasons {
  readonly name: string;
  readonly match: { readonly bucket: Pattern };
  /** Whole days, or whole years. */
  readonly retain: Duration;
}

export type Extend =
  | {
      readonly kind: 'rolling';
      /** Extend when the end of the oldest possible object is nearer than this. */
      readonly withinMs: number;
      readonly byDays: number;
      readonly upToDays: number;
      /** Whose age counts: the policy's, or that of the oldest version stored. */
      readonly measure: 'policy' | 'oldest-object';
    }
  | { readonly kind: 'keep-until'; readonly keepUntil: Date; readonly upToDays: number };

/** A bucket pattern as it counts in one cloud. */
export interface NarrowedPattern {
  readonly pattern: Pattern;
  /** The place of each of its globs in the list as written. */
  readonly positions: readonly number[];
}

/** Bucket globs as written. */
export interface WrittenPattern {
  /** This is what they are in each cloud that they are for. */
  readonly inCloud: ReadonlyMap<CloudName, NarrowedPattern>;
  /** The clouds that a glob names by its scheme; those with `!` aside. */
  readonly named: ReadonlySet<CloudName>;
}

/** A rule as written: its bucket globs may begin with the scheme of a cloud. */
export type WrittenRule<Rule extends ObjectRule | BucketRule | DefaultRule> = Omit<Rule, 'match'> & {
  readonly match: Omit<Rule['match'], 'bucket'> & { readonly bucket: WrittenPattern };
};

/** The rules as written, checked, before they are narrowed to the cloud that is served (narrow.ts). */
export interface WrittenRules extends Pick<Rules, 'limits' | 'approvals'> {
  readonly objects: readonly WrittenRule<ObjectRule>[];
  readonly buckets: readonly WrittenRule<BucketRule>[];
  readonly defaults: readonly WrittenRule<DefaultRule>[];
  /** One folder a cloud. */
  readonly deadLetters?: ReadonlyMap<CloudName, ObjectPrefix> | undefined;
  readonly audit?: ReadonlyMap<CloudName, ObjectPrefix> | undefined;
}
