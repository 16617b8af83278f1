import { listingSource } from '../../shared/backfill/source.ts';
import { isNamedInXml, lifecycleXml } from '../../shared/disposition/lists.ts';
import type { DisposableVersion, DispositionPlan } from '../../shared/disposition/plan.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import { readTarget } from '../protect/options.ts';

/** A folder where every version may go by the plan, with how many of the plan are in it. */
export type WholeFolder = ObjectPrefix & { planned: number };

/** Returns the folders of a plan that a lifecycle rule may name. Only OSS has a lifecycle of this form. */
export const wholeFolders = ({ cloud, whole }: DispositionPlan): WholeFolder[] =>
  (cloud === 'oss' ? whole : [])
    .map((url) => ({ ...readTarget(cloud, url), planned: 0 }))
    .filter(({ prefix }) => isNamedInXml(prefix));

/** Tells whether a version is in a folder. */
export const isInFolder = (folder: ObjectPrefix, { bucket, key }: DisposableVersion): boolean =>
  folder.bucket === bucket && key.startsWith(folder.prefix);

/**
 * Leaves out the folders where a version has come since: a lifecycle rule knows no versions, and would remove it too. All of the
 * plan are there still, so that the numbers are equal only where the versions are.
 */
export async function stillWhole(
  folders: readonly WholeFolder[],
  storage: ObjectStore,
): Promise<readonly ObjectPrefix[]> {
  const whole: ObjectPrefix[] = [];
  for (const folder of folders) {
    let there = 0;
    for await (const { versions } of listingSource(storage, folder.bucket, folder.prefix).shards())
      there += versions.filter(({ type }) => type !== 'delete-marker').length;
    if (there === folder.planned) whole.push(folder);
  }
  return whole;
}

/** Returns the lifecycle configuration of each bucket with such folders. */
export function lifecyclesOf(
  { hash }: DispositionPlan,
  whole: readonly ObjectPrefix[],
  newest: Date,
): ReadonlyMap<string, string> {
  const folders = new Map<string, ObjectPrefix[]>();
  for (const folder of whole) folders.set(folder.bucket, [...(folders.get(folder.bucket) ?? []), folder]);
  return new Map([...folders].map(([bucket, list]) => [bucket, lifecycleXml(list, newest, hash)]));
}
