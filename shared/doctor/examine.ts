import pLimit from 'p-limit';
import { bucketsCheck } from './buckets.ts';
import { codeCheck, deployedRulesCheck } from './code.ts';
import { deadLettersCheck } from './dead-letters.ts';
import { type Check, type Finding, fromError, linesOf } from './finding.ts';
import { functionsCheck } from './functions.ts';
import { exclusiveCheck, objectWormCheck, regionCheck, versioningCheck } from './object-buckets.ts';
import { policiesCheck } from './policies.ts';
import { repairsCheck } from './repairs.ts';
import { liveRolesCheck, rolesCheck } from './roles.ts';
import { catalogCheck, rulesCheck, templateCheck } from './setup.ts';
import { timerCheck } from './timer.ts';
import { triggersCheck } from './triggers.ts';
import { uploadsCheck } from './uploads.ts';
import type { World } from './world.ts';

/** In the order in which they are told. */
const checks: readonly Check[] = [
  ...[rulesCheck, templateCheck],
  ...[bucketsCheck, regionCheck, versioningCheck, objectWormCheck, exclusiveCheck, policiesCheck],
  ...[catalogCheck, functionsCheck, codeCheck, deployedRulesCheck, triggersCheck, uploadsCheck],
  ...[rolesCheck, liveRolesCheck, deadLettersCheck, timerCheck, repairsCheck],
];

/** Checks under way at once. */
const concurrency = 4;

/** Looks at the whole set-up; writes nothing. A check that fails itself is a line, and stops no other. */
export async function examine(world: World): Promise<Finding[]> {
  const limit = pLimit(concurrency);
  const found = checks.map(({ name, run }) =>
    limit(run, world).catch((error: unknown) => [fromError(linesOf(name), '-', error)]),
  );
  return (await Promise.all(found)).flat();
}
