import { type ExaminedPart, examine } from '../../shared/doctor/examine.ts';
import { type DoctorFinding, fromError, linesOf } from '../../shared/doctor/finding.ts';
import { type Clock, systemClock } from '../../shared/platform/clock.ts';
import { readRules } from '../options/cloud-options.ts';
import { endpointIn, type FoundRegions, findRegions } from '../world/all-regions.ts';
import { type DoctorOptions, worldOf } from './world.ts';

/** A finding; `region` is there where several were looked at and others did not find the same. */
export type RegionFinding = DoctorFinding & { readonly region?: string };

/** This is what was found, and the clock of the service that was asked last; the machine's where none was. */
export interface Examined {
  readonly findings: readonly RegionFinding[];
  readonly clock: Clock;
}

/**
 * Looks at the set-up in the region of the options or, with --all-regions, in every region that has a bucket of the rules, one
 * after the other. What is found alike in all of them is told once.
 * @throws CREDENTIALS_MISSING, CONFIG_INVALID
 */
export async function examineRegions(options: DoctorOptions, part: ExaminedPart): Promise<Examined> {
  if (options.allRegions !== true) {
    const world = await worldOf(options);
    return { findings: await examine(world, part), clock: world.clock };
  }
  const among = await regionsOf(options);
  const regions = among?.regions ?? [options.region];
  const found: RegionFinding[] = [];
  let clock: Clock = systemClock;
  for (const region of regions) {
    const examined = await inRegion(options, region, among, part);
    found.push(...examined.findings.map((finding) => ({ ...finding, region })));
    clock = examined.clock ?? clock;
  }
  return { findings: regions.length === 1 ? found : withoutRepeats(found, regions.length), clock };
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
): Promise<{ readonly findings: readonly DoctorFinding[]; readonly clock?: Clock }> {
  try {
    const endpoint = endpointIn(options, region);
    const world = await worldOf({ ...options, region, endpoint }, among);
    return { findings: await examine(world, part), clock: world.clock };
  } catch (error) {
    return { findings: [fromError(linesOf('region'), region, error)] };
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
