import type { CloudName } from '../../platform/address.ts';
import { formatPath } from '../problem.ts';
import type { Rules } from '../types.ts';
import { approvalWarnings } from './approvals.ts';
import { caps } from './caps.ts';
import type { Warning } from './codes.ts';
import { collisions } from './collisions.ts';
import { longDefaults } from './defaults.ts';
import { unretainedEvidence } from './evidence.ts';
import { generations } from './generations.ts';
import { impossibleGlobs } from './impossible-globs.ts';
import { Comparisons } from './names.ts';
import { policies } from './policies.ts';
import { reviews } from './reviews.ts';
import { rivals } from './rivals.ts';
import { unreachable } from './unreachable.ts';

export { type Warning, type WarningCode, warningCodes } from './codes.ts';

/**
 * Tells what is legal in these rules and probably wrong. Pure. Every claim is a proof: what cannot be decided is not
 * claimed, and "such as" comes with an example that matches. Of a rule that can never protect anything nothing else
 * is said.
 * @param now the instant from which warnings name the first day that something goes wrong
 * @param cloud the one that the rules are narrowed to
 */
export function findWarnings(rules: Rules, now: Date, cloud: CloudName = 'oss'): Warning[] {
  const compare = new Comparisons(cloud);
  const dead = [...unreachable(rules, compare), ...collisions(rules, compare)];
  const deadRules = new Set(dead.filter(({ code }) => code === 'unreachable').map(ruleOf));
  const settings = [
    ...generations(rules),
    ...policies(rules),
    ...unretainedEvidence(rules, cloud),
    ...reviews(rules, now),
    ...approvalWarnings(rules),
  ];
  const others = [
    ...impossibleGlobs(rules, compare),
    ...rivals(rules, compare),
    ...caps(rules, now),
    ...longDefaults(rules, compare),
    ...settings,
  ];
  return [...dead, ...others.filter((warning) => !deadRules.has(ruleOf(warning)))];
}

const ruleOf = ({ path }: Warning): string => formatPath(path.slice(0, 2));
