import { type ExaminedPart, examine } from '../shared/doctor/examine.ts';
import { type DoctorFinding, fromError, linesOf } from '../shared/doctor/finding.ts';
import { endpointIn, type FoundRegions, findRegions } from './all-regions.ts';
import { readRules } from './cloud-options.ts';
import { type DoctorOptions, worldOf } from './doctor-world.ts';

/** A finding; `region` is there where several were looked at and others did not find the same. */
export type RegionFinding = DoctorFinding & { readonly region?: string };

/**
 * Looks at the set-up in the region of the options or, with --all-regions, in every region that has a bucket of the rules, one
 * after the other. What is found alike in all of them is told once.
 * @throws CREDENTIALS_MISSING, CONFIG_INVALID
 */
export async function examineRegions(options: DoctorOptions, part: ExaminedPart): Promise<RegionFinding[]> {
  if (options.allRegions !== true) return await examine(await worldOf(options), part);
  const among = await regionsOf(options);
  const regions = among?.regions ?? [options.region];
  const found: RegionFinding[] = [];
  for (const region of regions) {
    const findings = await inRegion(options, region, among, part);
    found.push(...findings.map((finding) => ({ ...finding, region })));
  }
  return regions.length === 1 ? found : withoutRepeats(found, regions.length);
}

/** @returns undefined where buckets cannot be listed, or rules not read: the checks of the one region that is left tell why */
const regionsOf = async (options: DoctorOptions): Promise<FoundRegions | undefined> =>
  await readRules(options)
    .then((rules) => findRegions(options, rules))
    .catch(() => undefined);

async function inRegion(
  options: DoctorOptions,
  region: string,
  among: FoundRegions | undefined,
  part: ExaminedPart,
): Promise<readonly DoctorFinding[]> {
  try {
    const endpoint = endpointIn(options, region);
    return await examine(await worldOf({ ...options, region, endpoint }, among), part);
  } catch (error) {
    return [fromError(linesOf('region'), region, error)];
  }
}

/** Tells what all regions have alike once, without a region, where it was found first. */
function withoutRepeats(found: readonly RegionFinding[], regions: number): RegionFinding[] {
  const groups = new Map<string, RegionFinding[]>();
  for (const finding of found) {
    const { check, about, status, message } = finding;
    const key = JSON.stringify([check, about, status, message]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined || alike.length < regions) return alike;
    const { region, ...everywhere } = first;
    return [everywhere];
  });
}
