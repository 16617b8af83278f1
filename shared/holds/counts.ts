import type { HoldLine, HoldResult } from './deps.ts';

/** The counts say how often each result was met, and what the versions that may be deleted now or later have in common. */
export interface HoldCounts {
  readonly results: Readonly<Record<HoldResult, number>>;
  /** Versions in places that were looked at, those that are not in the scope included. */
  readonly looked: number;
  /** Versions whose hold was taken off, now or by an earlier run, and whose retention is past, or that have none. */
  readonly deletableNow: number;
  /** The first and the last end of retention among the others whose hold was taken off. */
  readonly nextDeletable: Date | undefined;
  readonly lastDeletable: Date | undefined;
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
    'not-held': 0,
    left: 0,
    'left-for-matters': 0,
    skipped: 0,
    gone: 0,
    'not-offered': 0,
    failed: 0,
  },
  looked: 0,
  deletableNow: 0,
  nextDeletable: undefined,
  lastDeletable: undefined,
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
  for (const { result, retainUntil } of lines) {
    results[result] += 1;
    if (result === 'lifted' || result === 'off-already')
      deletable = addDeletable(deletable, retainUntil, now);
  }
  const { deletableNow, nextDeletable, lastDeletable } = deletable;
  const failures = lines.reduce(addFailure, counts.failures);
  return { results, looked: counts.looked + looked, deletableNow, nextDeletable, lastDeletable, failures };
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
  return {
    deletableNow,
    nextDeletable: nextDeletable === undefined || until < nextDeletable ? until : nextDeletable,
    lastDeletable: lastDeletable === undefined || until > lastDeletable ? until : lastDeletable,
  };
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
  results.failed === 0 && results['not-offered'] === 0;
