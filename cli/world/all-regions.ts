import { isIPv4 } from 'node:net';
import { type Command, Option } from 'commander';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../../shared/rules/match.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { aroundStore } from '../../shared/storage/decorate.ts';
import { listing } from '../../shared/storage/listing.ts';
import type { BucketSummary, ObjectStore } from '../../shared/storage/port.ts';
import { routedStore } from '../../shared/storage/routed.ts';
import { type Cloud, type CloudOptions, connect } from '../options/cloud-options.ts';
import { color, describeError } from '../terminal/output.ts';

/** The options of a command that may look at every region in one run. */
export interface RegionOptions extends CloudOptions {
  readonly allRegions?: boolean;
}

export const addAllRegionsOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--all-regions',
      'every region of the account that has a bucket of the rules, not that of --region alone; an --endpoint has {region} then',
    ),
  );

/** One of several regions that a run looks at. */
export interface ServedRegion {
  readonly region: string;
  /** The buckets in it that rules match. */
  readonly buckets: readonly string[];
  /** Why nothing could be read there; undefined when something could. */
  readonly error: unknown;
}

/** A connection to one region, or to all: then `region` names them all, and each bucket counts as in it. */
export interface ServedCloud extends Cloud {
  /** The regions as they stand now; undefined where one region is served. */
  readonly regions: (() => readonly ServedRegion[]) | undefined;
  /** Tells whether nothing could be read of the region of a bucket, which fails the buckets of that region alone. */
  readonly failsAlone: (bucket: string) => boolean;
}

/**
 * Connects to the region of the options or, with --all-regions, to every region that has a bucket of the rules. Buckets are
 * listed once. A region that cannot be reached fails its own buckets alone.
 * @param around is put around every single request, whatever its region
 * @throws as {@link connect}, and what listing the buckets throws
 */
export async function connectRegions(
  options: RegionOptions,
  rules: Rules,
  around?: (storage: ObjectStore) => ObjectStore,
): Promise<ServedCloud> {
  const home = await connect(options, around);
  if (options.allRegions !== true) return { ...home, regions: undefined, failsAlone: () => false };
  const all = await listAll(home.storage);
  const served = regionsWith(concernedIn(rules, all), options.region);
  const doors = new Map<string, Door>();
  for (const region of new Set([options.region, ...all.map((bucket) => bucket.region)])) {
    doors.set(region, await openDoor(options, region, home, around));
  }
  const label = [...served.keys()].join(', ');
  const regionOf = new Map(all.map(({ name, region }) => [name, region]));
  const doorOf = (bucket: string) => doors.get(regionOf.get(bucket) ?? options.region);
  const storeOf = (bucket: string): ObjectStore => doorOf(bucket)?.storage ?? home.storage;
  const items = all.map((bucket) => (served.has(bucket.region) ? { ...bucket, region: label } : bucket));
  const buckets = listing(() => Promise.resolve({ items, next: undefined }));
  return {
    ...home,
    region: label,
    failsAlone: (bucket) => doorOf(bucket)?.error() !== undefined,
    storage: routedStore(home.storage, storeOf, buckets),
    regions: () =>
      [...served].map(([region, names]) => ({ region, buckets: names, error: doors.get(region)?.error() })),
  };
}

/**
 * Lists all buckets of the account, and finds the regions of those that rules match.
 * @throws as {@link connect}, and what listing the buckets throws
 */
export async function findRegions(options: CloudOptions, rules: Rules): Promise<FoundRegions> {
  const { storage } = await connect(options);
  const buckets = await listAll(storage);
  return { buckets, regions: [...regionsWith(concernedIn(rules, buckets), options.region).keys()] };
}

/** The regions that a command looks at, and all buckets of the account. */
export interface FoundRegions {
  readonly regions: readonly string[];
  readonly buckets: readonly BucketSummary[];
}

async function listAll(storage: ObjectStore): Promise<readonly BucketSummary[]> {
  const buckets: BucketSummary[] = [];
  for await (const bucket of storage.listBuckets()) buckets.push(bucket);
  return buckets;
}

const concernedIn = (rules: Rules, buckets: readonly BucketSummary[]): readonly BucketSummary[] =>
  buckets.filter(
    ({ name }) =>
      bucketRules(rules, name).length > 0 ||
      objectRulesOfBucket(rules, name).length > 0 ||
      defaultsOfBucket(rules, name).length > 0,
  );

/** Groups buckets by region, in order; where there is none, the one region of the options stands alone. */
function regionsWith(
  buckets: readonly BucketSummary[],
  home: string,
): ReadonlyMap<string, readonly string[]> {
  const names = [...new Set(buckets.map(({ region }) => region))].toSorted();
  return new Map(
    (names.length === 0 ? [home] : names).map((region) => [
      region,
      buckets.filter((bucket) => bucket.region === region).map(({ name }) => name),
    ]),
  );
}

/** The way into one region. */
interface Door {
  readonly storage: ObjectStore;
  /** Why nothing could be read behind it so far. */
  error(): unknown;
}

async function openDoor(
  options: CloudOptions,
  region: string,
  home: Cloud,
  around?: (storage: ObjectStore) => ObjectStore,
): Promise<Door> {
  if (region === options.region) return watched(home.storage);
  try {
    const { storage } = await connect({ ...options, region, endpoint: endpointIn(options, region) }, around);
    return watched(storage);
  } catch (error) {
    const refuse = () => Promise.reject(error);
    return { storage: aroundStore(refuse, refuse)(home.storage), error: () => error };
  }
}

/** Notes whether anything was ever answered. What was unreachable before any answer is not asked again: each call would wait anew. */
function watched(storage: ObjectStore): Door {
  let answered = false;
  let first: unknown;
  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (!answered && hasCode(first, 'UNREACHABLE')) throw first;
    try {
      const result = await call();
      answered = true;
      return result;
    } catch (error) {
      first ??= error;
      throw error;
    }
  };
  return {
    storage: aroundStore(around, (_, call) => around(call))(storage),
    error: () => (answered ? undefined : first),
  };
}

/**
 * Returns the address of the service in a region.
 * @throws CONFIG_INVALID for the address of one region where another one is asked
 */
export function endpointIn({ endpoint, region: home }: CloudOptions, region: string): string | undefined {
  if (endpoint === undefined || region === home || endpoint.includes('{region}') || isLoopback(endpoint))
    return endpoint;
  const reason = `"${endpoint}" is one address for all regions: leave it out, or write {region} where the id of the region goes`;
  throw failure('CONFIG_INVALID', { name: '--endpoint', reason });
}

/** The embedded cloud serves every region at one address. */
function isLoopback(endpoint: string): boolean {
  const hostname = URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return hostname === 'localhost' || (isIPv4(hostname) && hostname.startsWith('127.'));
}

/** Returns the regions as machines read them. */
export const regionsJson = (regions: readonly ServedRegion[]) =>
  regions.map(({ region, buckets, error }) => ({
    region,
    buckets,
    error: error === undefined ? null : describeError(error),
  }));

/** Returns a line for each region, for people. */
export const regionLines = (regions: readonly ServedRegion[]): string[] =>
  regions.map(({ region, buckets, error }) => {
    const counted = `region ${region}: ${quantity(buckets.length, 'bucket')}`;
    if (error === undefined) return counted;
    const { code, message } = describeError(error);
    return `${counted}; ${color.red(`failed: ${code}`)}: ${message}`;
  });
