import { forEachAtOnce } from '../../shared/backfill/each.ts';
import type { SincePlan } from '../../shared/disposition/certify.ts';
import { type CertifiedVersion, certifyVersion } from '../../shared/disposition/certify-version.ts';
import type { DispositionDeps } from '../../shared/disposition/look.ts';
import type { DisposableVersion, DispositionPlan } from '../../shared/disposition/plan.ts';
import type { CertifyState } from '../../shared/disposition/progress.ts';
import type { HashedFile } from '../files/hashed-file.ts';
import { batchesOfVersions } from './files.ts';
import type { DispositionRun } from './world.ts';

/** The most versions that a person is shown of each kind. */
const shownVersions = 20;

export interface CertifyingLooks {
  readonly folder: string;
  readonly plan: DispositionPlan;
  readonly effort: Pick<DispositionRun, 'signal' | 'line'> & { readonly concurrency: number };
  /** The list of the certificate. */
  readonly list: HashedFile;
  readonly state: CertifyState;
  save(state: CertifyState): Promise<void>;
}

/**
 * Asks for all versions of a plan, some at a time, each with a checkpoint, and writes down which are gone. Those that were asked for before
 * are left out: a version that is gone stays gone, and of one that is there the list says when it was looked at.
 * @returns the state at the end
 * @throws DISPOSITION_PLAN_INVALID, FILE_UNWRITABLE, CHECKPOINT_UNUSABLE, the signal's reason, and what reading throws
 */
export async function certifyVersions(
  deps: DispositionDeps,
  since: SincePlan,
  { folder, plan, effort, list, save, ...looking }: CertifyingLooks,
): Promise<CertifyState> {
  let { state } = looking;
  let behind = state.gone.versions + state.there.versions;
  for await (const batch of batchesOfVersions(folder, plan)) {
    const versions = batch.slice(behind);
    behind = Math.max(0, behind - batch.length);
    if (versions.length === 0) continue;
    const lines = await forEachAtOnce(effort, versions, (version) => certifyVersion(deps, since, version));
    await list.append(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    state = { ...addLines(state, versions, lines), list: await list.mark() };
    await save(state);
    const { gone, there } = state;
    const looked = gone.versions + there.versions;
    effort.line.show({ versions: looked, words: `${gone.versions} gone`, done: looked / plan.versions });
  }
  return state;
}

function addLines(
  state: CertifyState,
  versions: readonly DisposableVersion[],
  lines: readonly CertifiedVersion[],
): CertifyState {
  const sums = { gone: { ...state.gone }, there: { ...state.there } };
  for (const [index, { state: is }] of lines.entries()) {
    sums[is].versions += 1;
    sums[is].bytes += versions[index]?.size ?? 0;
  }
  const touched = lines.filter((line) => line.touched !== undefined);
  const left = lines.filter((line) => line.state === 'there' && line.touched === undefined);
  return {
    ...state,
    ...sums,
    touchedVersions: state.touchedVersions + touched.length,
    touched: [...state.touched, ...touched].slice(0, shownVersions),
    left: [...state.left, ...left].slice(0, shownVersions),
  };
}
