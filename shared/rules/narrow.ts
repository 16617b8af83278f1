import { type CloudName, isCloudName } from '../platform/address.ts';
import type { Unparsed } from './duration.ts';
import type { Path } from './problem.ts';
import type {
  BucketRule,
  DefaultRule,
  NarrowedPattern,
  ObjectRule,
  Rules,
  WrittenRule,
  WrittenRules,
} from './types.ts';

/*
 * Rules as they are written may be for one cloud, for both, or for whichever they run in. Here they are narrowed to one cloud, so
 * that matching, explaining and deciding never learn of clouds.
 */

/** A bucket glob taken apart: `!obs://fin-*` excludes, is for `obs`, and has the text `fin-*`. */
interface CloudGlob {
  readonly excludes: boolean;
  /** Undefined: whichever cloud the rules run in. */
  readonly cloud: CloudName | undefined;
  readonly text: string;
}

/** Takes the scheme off a bucket glob, or says what is wrong with it. */
export function readCloudGlob(glob: string): CloudGlob | Unparsed {
  const [, mark, scheme, text = ''] = /^(!?)(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(glob) ?? [];
  const excludes = mark === '!';
  if (scheme === undefined) return { excludes, cloud: undefined, text };
  if (!isCloudName(scheme)) {
    return { problem: `expected oss:// or obs:// before a bucket glob, found ${JSON.stringify(glob)}` };
  }
  if (text !== '' && !text.includes('/')) return { excludes, cloud: scheme, text };
  return {
    problem: `expected a bucket glob alone after ${scheme}://, such as ${scheme}://fin-* (keys go under key), found ${JSON.stringify(glob)}`,
  };
}

/** Bucket globs of one cloud, without schemes, and where each stands in the list as written. */
export interface NarrowedGlobs {
  readonly globs: readonly string[];
  readonly positions: readonly number[];
}

/**
 * Returns the globs that count in one cloud; undefined when none of the buckets that they are for are there.
 *
 * Globs with `!` alone are for everything else, in every cloud. Positive globs that all belong to the other cloud are for
 * nothing here: the globs with `!` beside them must not turn into "everything that is not excluded".
 */
export function narrowGlobs(globs: readonly string[], cloud: CloudName): NarrowedGlobs | undefined {
  const all = globs.map((glob, position) => {
    const read = readCloudGlob(glob);
    // What cannot be read is told where the file is checked; here it stays as it is.
    return {
      position,
      glob,
      read: 'problem' in read ? { excludes: false, cloud: undefined, text: glob } : read,
    };
  });
  const here = all.filter(({ read }) => read.cloud === undefined || read.cloud === cloud);
  const isPositive = ({ read }: (typeof all)[number]) => !read.excludes;
  if (all.some(isPositive) && !here.some(isPositive)) return undefined;
  // All that was excluded is elsewhere: every bucket here is meant.
  if (here.length === 0) return { globs: ['*'], positions: [] };
  return {
    globs: here.map(({ glob, read }) => (read.cloud === undefined ? glob : withoutScheme(read))),
    positions: here.map(({ position }) => position),
  };
}

/** Returns the clouds that positive globs name by their schemes. */
export function namedClouds(globs: readonly string[]): ReadonlySet<CloudName> {
  const read = globs.map(readCloudGlob);
  return new Set(
    read.flatMap((glob) =>
      'problem' in glob || glob.excludes || glob.cloud === undefined ? [] : [glob.cloud],
    ),
  );
}

/** A text that begins with `!` after its scheme means that character, as it does after another `!`. */
function withoutScheme({ excludes, text }: CloudGlob): string {
  if (excludes) return `!${text}`;
  return text.startsWith('!') ? `\\${text}` : text;
}

/** Rules for one cloud. */
export interface NarrowedRules {
  readonly rules: Rules;
  /** Leads from a place in these rules to the place in the file. */
  origin(path: Path): Path;
}

/**
 * Narrows rules to one cloud. Rules that are for the other cloud drop out, and so do rules for bucket policies where the cloud
 * has none (OBS: "WORM Overview" knows no policy of a bucket but the default rule).
 */
export function narrowRules(written: WrittenRules, cloud: CloudName): NarrowedRules {
  const objects = narrowAll(written.objects, cloud);
  const buckets = cloud === 'obs' ? [] : narrowAll(written.buckets, cloud);
  const defaults = narrowAll(written.defaults, cloud);
  const placesOf = { objects, buckets, defaults };
  const rules: Rules = {
    cloud,
    limits: written.limits,
    objects: objects.map(
      ({ rule, pattern }): ObjectRule => ({
        ...rule,
        match: { ...rule.match, bucket: pattern.pattern },
      }),
    ),
    buckets: buckets.map(
      ({ rule, pattern }): BucketRule => ({ ...rule, match: { bucket: pattern.pattern } }),
    ),
    defaults: defaults.map(
      ({ rule, pattern }): DefaultRule => ({ ...rule, match: { bucket: pattern.pattern } }),
    ),
    deadLetters: written.deadLetters?.get(cloud),
    audit: written.audit?.get(cloud),
    ...(written.approvals !== undefined && { approvals: written.approvals }),
  };
  return {
    rules,
    origin(path) {
      const [list, index, ...rest] = path;
      const kept =
        (list === 'objects' || list === 'buckets' || list === 'defaults') && typeof index === 'number'
          ? placesOf[list][index]
          : undefined;
      if (list === undefined || kept === undefined) return path;
      return [list, kept.index, ...originOfGlob(rest, kept.pattern.positions)];
    },
  };
}

/** The place of a glob in the list as written: narrowing may have taken others out before it. */
function originOfGlob(path: Path, positions: readonly number[]): Path {
  const [match, bucket, glob] = path;
  const position = typeof glob === 'number' ? positions[glob] : undefined;
  if (match !== 'match' || bucket !== 'bucket' || position === undefined) return path;
  return [match, bucket, position];
}

interface Kept<Rule> {
  readonly rule: Rule;
  /** Its place in the list as written. */
  readonly index: number;
  readonly pattern: NarrowedPattern;
}

function narrowAll<Rule extends WrittenRule<ObjectRule> | WrittenRule<BucketRule> | WrittenRule<DefaultRule>>(
  rules: readonly Rule[],
  cloud: CloudName,
): Kept<Rule>[] {
  return rules.flatMap((rule, index) => {
    const pattern = rule.match.bucket.inCloud.get(cloud);
    return pattern === undefined ? [] : [{ rule, index, pattern }];
  });
}
