import type { PolicyState, WormId } from '../storage/port.ts';

/** This is what a person has to look at; nothing is done about it. */
export type ReportedProblem =
  | 'absent'
  | 'mismatch'
  | 'lapsed'
  | 'over-cap'
  /** Near its end, or short of the date in `keepUntil`, and neither `upTo` nor a limit allows more days. */
  | 'at-cap'
  /** Locked with fewer days than the rule demands, and Holdfast may not or cannot extend it to them. */
  | 'too-short'
  /** The rule keeps objects until a date, and the oldest version could not be found out. */
  | 'oldest-unknown'
  | 'unknown-state';

/** A decision says what is to be done about one bucket's WORM policy. Instants are UTC, days are totals. */
export type BucketDecision =
  | { readonly action: 'initiate'; readonly days: number; readonly reason: string }
  /** Abort the lapsed policy and initiate a new one. `state` is the one that was decided about. */
  | {
      readonly action: 'renew';
      readonly id: WormId;
      readonly state: PolicyState;
      readonly days: number;
      readonly reason: string;
    }
  | {
      readonly action: 'lock';
      readonly id: WormId;
      readonly days: number;
      readonly deadline: Date;
      readonly reason: string;
    }
  | {
      readonly action: 'extend';
      readonly id: WormId;
      readonly fromDays: number;
      readonly days: number;
      readonly reason: string;
    }
  /** `state` is the one that was decided about. */
  | { readonly action: 'abort'; readonly id: WormId; readonly state: PolicyState; readonly reason: string }
  /** Acceptable, and too young to be locked yet. */
  | { readonly action: 'wait'; readonly until: Date; readonly deadline: Date; readonly reason: string }
  /** Acceptable, and the rule says not to lock. */
  | { readonly action: 'watch'; readonly deadline: Date; readonly reason: string }
  /** Locked, and nothing to do. */
  | { readonly action: 'leave'; readonly reason: string }
  | {
      readonly action: 'report';
      readonly problem: ReportedProblem;
      readonly reason: string;
      readonly deadline?: Date;
    };

/** The decisions that change something. */
export type BucketChange = Extract<
  BucketDecision,
  { action: 'initiate' | 'renew' | 'lock' | 'extend' | 'abort' }
>;

export const changeActions: ReadonlySet<BucketDecision['action']> = new Set<BucketChange['action']>([
  'initiate',
  'renew',
  'lock',
  'extend',
  'abort',
]);

export const isChange = (decision: BucketDecision): decision is BucketChange =>
  changeActions.has(decision.action);

/** Lock and extend cannot be undone by anybody. */
export const isIrreversible = ({ action }: Pick<BucketDecision, 'action'>): boolean =>
  action === 'lock' || action === 'extend';
