import pLimit from 'p-limit';
import { agenciesCheck, graphUploadsCheck } from './agencies.ts';
import { bucketsCheck } from './buckets.ts';
import { codeCheck, deployedRulesCheck } from './code.ts';
import { deadLettersCheck } from './dead-letters.ts';
import { type Check, type DoctorFinding, fromError, linesOf } from './finding.ts';
import { functionsCheck, functionsUnchecked } from './functions.ts';
import { liveRolesCheck } from './live-roles.ts';
import { logProjectCheck } from './log-project.ts';
import { mattersCheck } from './matters.ts';
import { exclusiveCheck, objectWormCheck, regionCheck, versioningCheck } from './object-buckets.ts';
import { policiesCheck } from './policies.ts';
import { repairsCheck } from './repairs.ts';
import { rolesCheck } from './roles.ts';
import { catalogCheck, reviewsCheck, rulesCheck, templateCheck } from './setup.ts';
import { retentionShownCheck, tagsCheck } from './shown.ts';
import { timerCheck } from './timer.ts';
import { triggersCheck } from './triggers.ts';
import { uploadsCheck } from './uploads.ts';
import type { World } from './world.ts';

/** Checks of whether the buckets are as the rules need them. */
const bucketsAlone: readonly Check[] = [
  ...[bucketsCheck, regionCheck, versioningCheck, objectWormCheck, exclusiveCheck, policiesCheck],
];

/** This is what has to be there before a deployment, in the order in which it is told. */
const before: readonly Check[] = [...[rulesCheck, reviewsCheck, templateCheck], ...bucketsAlone];
const after: readonly Check[] = [
  ...[catalogCheck, functionsCheck, codeCheck, deployedRulesCheck, triggersCheck],
];
const around: readonly Check[] = [
  uploadsCheck,
  rolesCheck,
  liveRolesCheck,
  logProjectCheck,
  deadLettersCheck,
];
const running: readonly Check[] = [timerCheck, repairsCheck, mattersCheck];

/** Checks of the store and of the files here, for where functions and roles cannot be asked for. */
const storeAlone: readonly Check[] = [
  ...[
    rulesCheck,
    reviewsCheck,
    bucketsCheck,
    versioningCheck,
    objectWormCheck,
    policiesCheck,
    tagsCheck,
    retentionShownCheck,
  ],
  ...[graphUploadsCheck, agenciesCheck, deadLettersCheck, repairsCheck, mattersCheck, functionsUnchecked],
];

/** The part of a set-up that is looked at. */
export type ExaminedPart = 'all' | 'before-deploy' | 'buckets';

function checksOf({ asksFunctions }: World, part: ExaminedPart): readonly Check[] {
  if (part === 'buckets')
    return asksFunctions ? bucketsAlone : bucketsAlone.filter((check) => storeAlone.includes(check));
  if (!asksFunctions) return storeAlone;
  return part === 'before-deploy' ? [...before, ...around] : [...before, ...after, ...around, ...running];
}

/** Checks under way at once. */
const concurrency = 4;

/**
 * Looks at the whole set-up; writes nothing. A check that fails itself is a line, and stops no other.
 * @param part what is looked at: all of it, only what has to be there before a deployment, or the buckets alone
 */
export async function examine(world: World, part: ExaminedPart = 'all'): Promise<DoctorFinding[]> {
  const checks = checksOf(world, part);
  const limit = pLimit(concurrency);
  const found = checks.map(({ name, run }) =>
    limit(run, world).catch((error: unknown) => [fromError(linesOf(name), '-', error)]),
  );
  return (await Promise.all(found)).flat();
}
