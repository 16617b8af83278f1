import { type CloudName, cloudNames } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import type { Rules } from '../rules/types.ts';
import { compare, type Difference } from './compare.ts';
import { find } from './find.ts';
import type { PlacedCase } from './load.ts';
import type { FoundDecision } from './types.ts';

/** This is how one case ended. */
export interface CaseResult extends PlacedCase {
  readonly found: FoundDecision;
  /** Empty: it is as expected. */
  readonly differences: readonly Difference[];
  readonly seconds: number;
}

export interface TestRun {
  readonly results: readonly CaseResult[];
  /** The rules that no decision in any case came from, in the order of the file. */
  readonly uncovered: readonly string[];
  /** This is how many rules there are. */
  readonly rules: number;
}

/**
 * Runs all cases, each by the rules of the cloud that it is in.
 * @param rulesIn the rules, narrowed to a cloud
 * @param clock measures how long they take; what time it is in a case, the case says
 */
export function runCases(
  rulesIn: (cloud: CloudName) => Rules,
  cases: readonly PlacedCase[],
  clock: Pick<Clock, 'now'>,
): TestRun {
  const narrowed = { oss: rulesIn('oss'), obs: rulesIn('obs') };
  const rulesOf = (cloud: CloudName): Rules => narrowed[cloud];
  const results = cases.map((placed): CaseResult => {
    const start = clock.now().getTime();
    const { test } = placed;
    // Policies of buckets are there on OSS alone.
    const found = find(rulesOf(test.kind === 'object' ? test.cloud : 'oss'), test);
    const differences = compare(test.expect, found);
    return { ...placed, found, differences, seconds: (clock.now().getTime() - start) / 1000 };
  });
  const covered = new Set(results.flatMap(({ found }) => found.covers));
  const all = cloudNames.map(rulesOf);
  const names = [
    ...new Set(
      [...all.flatMap(({ objects }) => objects), ...all.flatMap(({ buckets }) => buckets)].map(
        ({ name }) => name,
      ),
    ),
  ];
  return { results, uncovered: names.filter((name) => !covered.has(name)), rules: names.length };
}

/** Returns the cases that are not as expected. */
export const failuresOf = ({ results }: TestRun): CaseResult[] =>
  results.filter(({ differences }) => differences.length > 0);
