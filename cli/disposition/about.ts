import type { DispositionPlan } from '../../shared/disposition/plan.ts';
import type { DispositionStep } from '../../shared/disposition/records.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { visible } from '../../shared/platform/visible.ts';
import { bytes as inBytes, plural } from '../../shared/report/words.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { ruleWithReason } from '../terminal/rule-words.ts';
import { aligned } from '../world/policy-facts.ts';

/** It says what a plan of disposition is about, as the evidence and a look at every version have it. */
export interface DispositionAbout {
  readonly planned: readonly DispositionStep[];
  /** Versions that may go, by the rule whose date was the latest. */
  readonly byRule: ReadonlyMap<string, number>;
}

/** Says in lines, for whoever approves, who has planned what, and by which rules. */
export function dispositionLines(
  { targets, versions, bytes, kept }: DispositionPlan,
  { planned, byRule }: DispositionAbout,
  { objects }: Pick<Rules, 'objects'>,
): string {
  const stay = Object.values(kept).reduce((sum, count) => sum + count, 0);
  return aligned([
    ...planned.map(({ at, caller }) => ['planned', `${formatInstant(at)} by ${caller}`] as const),
    ['in', visible(targets.join(' '))],
    ['may go', `${plural(versions, 'version')}, ${inBytes(bytes)}`],
    ...[...byRule].map(([name, count]) => {
      const because = objects.find((rule) => rule.name === name)?.because;
      return ['rule', `${ruleWithReason(name, because)}: ${plural(count, 'version')}`] as const;
    }),
    ['stay', plural(stay, 'version')],
  ]);
}
