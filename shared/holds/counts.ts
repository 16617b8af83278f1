import { type Span, widened } from '../platform/span.ts';
import type { HoldLine, HoldResult } from './deps.ts';

/** The counts say how often each result was met, and what the versions that may be deleted now or later have in common. */
export interface HoldCounts {
  readonly results: Readonly<Record<HoldResult, number>>;
  /** Versions in places that were looked at, those that are not in the scope included. */
  readonly looked: number;
  /** Versions that the matter does not keep any more, and whose retention is past, or that have none. */
  readonly deletableNow: number;
  /** The first and the last end of retention among the others that it does not keep any more. */
  readonly nextDeletable: Date | undefined;
  readonly lastDeletable: Date | undefined;
  /** The first and the last end of the retention that keeps versions in place of a hold. */
  readonly firstRetainedUntil: Date | undefined;
  readonly lastRetainedUntil: Date | undefined;
  /** Versions whose retention ends later than limits.maxRetention after Last-Modified, because of a matter. */
  readonly overCap: number;
  /** Buckets that took no legal hold of a version, by name. */
  readonly withoutHolds: readonly string[];
  /** Buckets that took one, by name. */
  readonly withHolds: readonly string[];
  /** Codes of failures, each with its number and one example. */
  readonly failures: readonly HoldFailure[];
}

export interface HoldFailure {
  readonly code: string;
  readonly count: number;
  readonly example: string;
  readonly remedy: string;
}

export const noHoldCounts: HoldCounts = {
  results: {
    held: 0,
    lifted: 0,
    kept: 0,
    'off-already': 0,
    'off-written': 0,
    retained: 0,
    'not-held': 0,
    left: 0,
    'left-for-matters': 0,
    skipped: 0,
    gone: 0,
    'not-offered': 0,
    'not-asked': 0,
    failed: 0,
  },
  looked: 0,
  deletableNow: 0,
  nextDeletable: undefined,
  lastDeletable: undefined,
  firstRetainedUntil: undefined,
  lastRetainedUntil: undefined,
  overCap: 0,
  withoutHolds: [],
  withHolds: [],
  failures: [],
};

/** Adds lines to counts. @param now for what may be deleted already */
export function addHoldLines(
  counts: HoldCounts,
  lines: readonly HoldLine[],
  looked: number,
  now: Date,
): HoldCounts {
  const results = { ...counts.results };
  let deletable: Deletable = counts;
  for (const { action, result, retainUntil } of lines) {
    results[result] += 1;
    if (action === 'lift' && endsNow.has(result)) deletable = addDeletable(deletable, retainUntil, now);
  }
  const overCap = counts.overCap + lines.filter(({ isOverCap }) => isOverCap).length;
  const bucketsOf = (known: readonly string[], which: ReadonlySet<HoldResult>) =>
    [
      ...new Set([...known, ...lines.flatMap((line) => (which.has(line.result) ? [line.bucket] : []))]),
    ].sort();
  const withoutHolds = bucketsOf(counts.withoutHolds, withoutHold);
  const withHolds = bucketsOf(counts.withHolds, withHold);
  const { deletableNow, nextDeletable, lastDeletable } = deletable;
  const failures = lines.reduce(addFailure, counts.failures);
  return {
    ...{ results, looked: counts.looked + looked, deletableNow, nextDeletable, lastDeletable },
    ...{ overCap, withoutHolds, withHolds, failures, ...addRetained(counts, lines) },
  };
}

/** The results of versions that the matter does not keep any more. */
const endsNow: ReadonlySet<HoldResult> = new Set(['lifted', 'off-already', 'off-written', 'retained']);
const withoutHold: ReadonlySet<HoldResult> = new Set(['retained', 'not-offered']);
const withHold: ReadonlySet<HoldResult> = new Set(['held']);

type Retained = Pick<HoldCounts, 'firstRetainedUntil' | 'lastRetainedUntil'>;

function addRetained(
  { firstRetainedUntil, lastRetainedUntil }: Retained,
  lines: readonly HoldLine[],
): Retained {
  let span: Span = [firstRetainedUntil, lastRetainedUntil];
  for (const { action, result, retainUntil: until } of lines) {
    if (action === 'hold' && result === 'retained' && until !== undefined) span = widened(span, until);
  }
  const [first, last] = span;
  return { firstRetainedUntil: first, lastRetainedUntil: last };
}

type Deletable = Pick<HoldCounts, 'deletableNow' | 'nextDeletable' | 'lastDeletable'>;

function addDeletable(
  { deletableNow, nextDeletable, lastDeletable }: Deletable,
  until: Date | undefined,
  now: Date,
): Deletable {
  if (until === undefined || until <= now) {
    return { deletableNow: deletableNow + 1, nextDeletable, lastDeletable };
  }
  const [next, last] = widened([nextDeletable, lastDeletable], until);
  return { deletableNow, nextDeletable: next, lastDeletable: last };
}

function addFailure(failures: readonly HoldFailure[], { error }: HoldLine): readonly HoldFailure[] {
  if (error === undefined) return failures;
  const { code, message: example, remedy } = error;
  const known = failures.find((each) => each.code === code);
  if (known === undefined) return [...failures, { code, count: 1, example, remedy }];
  return failures.map((each) => (each === known ? { ...known, count: known.count + 1 } : each));
}

/** Tells whether a pass left nothing to do. */
export const isHoldPassComplete = ({ results }: HoldCounts): boolean =>
  results.failed === 0 && results['not-offered'] === 0 && results['not-asked'] === 0;
