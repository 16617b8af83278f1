import type { Pattern, Rules } from '../types.ts';
import { mayShare } from './agreeing.ts';
import { type Warning, warn } from './codes.ts';
import { ifDecidable, isEmpty, union, without } from './language.ts';
import type { Comparisons, Names } from './names.ts';

/** A rule, as far as its buckets go. */
interface Claim {
  readonly name: string;
  readonly kind: 'object' | 'bucket' | 'default';
  readonly path: Warning['path'];
  readonly pattern: Pattern;
  readonly buckets: Names;
}

/** A claim and those that it shares buckets with and must not. */
interface Contested {
  readonly claim: Claim;
  readonly others: readonly Claim[];
}

/**
 * Buckets that more rules than one claim where OSS allows one: ObjectWorm and a WORM policy exclude each other, and a
 * bucket has one policy. Each pair of rules is told of once: as `unreachable` where it leaves one of them no bucket,
 * else as `may-collide`.
 */
export function collisions(rules: Rules, compare: Comparisons): Warning[] {
  const claims = [
    ...claimsOf(rules, 'objects', 'object', compare),
    ...claimsOf(rules, 'buckets', 'bucket', compare),
    ...claimsOf(rules, 'defaults', 'default', compare),
  ];
  const order = new Map(claims.map((claim, index) => [claim, index]));
  const place = (claim: Claim): number => order.get(claim) ?? 0;
  const near = mayShare(claims, [({ buckets }) => buckets]);
  const contested = claims.map((claim): Contested => {
    const others: Claim[] = [];
    // From the rule on and around, so that where only some are named each rule is named by some.
    const after = (other: Claim) => (place(other) - place(claim) + claims.length) % claims.length;
    for (const other of near(claim).sort((a, b) => after(a) - after(b))) {
      if (other === claim || mayShareBuckets(claim, other)) continue;
      if (compare.disjoint(claim.buckets, other.buckets) === false) others.push(other);
      if (others.length === mostRivals) break;
    }
    return { claim, others: others.sort((a, b) => place(a) - place(b)) };
  });
  const told = new Set<Claim>();
  const hopeless = contested.flatMap(({ claim, others }) => {
    if (others.every((other) => told.has(other)) || !isHopeless(claim, others, compare)) return [];
    told.add(claim);
    return [warn('unreachable', claim.path, whyHopeless(claim, others))];
  });
  const partly = contested.flatMap(({ claim, others }) => {
    if (told.has(claim)) return [];
    const later = others.filter((other) => place(other) > place(claim) && !told.has(other));
    return later.length === 0 ? [] : [warn('may-collide', claim.path, whyCollide(claim, later, compare))];
  });
  return [...hopeless, ...partly];
}

/** Object rules share buckets with each other, and with the default retention that their uploads begin with. */
const mayShareBuckets = ({ kind }: Claim, other: Claim): boolean =>
  kind === 'object' ? other.kind !== 'bucket' : kind === 'default' && other.kind === 'object';

function claimsOf(
  rules: Rules,
  list: 'objects' | 'buckets' | 'defaults',
  kind: Claim['kind'],
  compare: Comparisons,
): Claim[] {
  return rules[list].flatMap(({ name, match: { bucket: pattern } }, index) => {
    const buckets = compare.bucket(pattern);
    if (buckets === undefined || buckets.samples.length === 0) return [];
    return [{ name, kind, path: [list, index, 'match', 'bucket'], pattern, buckets }];
  });
}

/** Says whether the others claim every bucket of the rule. */
function isHopeless({ buckets }: Claim, others: readonly Claim[], compare: Comparisons): boolean {
  if (others.length === 0) return false;
  const isFree = (sample: string) => !others.some(({ pattern }) => pattern.matches(sample));
  if (buckets.samples.some(isFree)) return false;
  if (others.some((other) => compare.within(buckets, other.buckets) === true)) return true;
  const distinct = [...new Set(others.map((other) => other.buckets))].map((names) => names.language());
  return ifDecidable(() => isEmpty(without(buckets.language(), union(distinct))), false);
}

function becauseOf({ kind }: Claim, others: readonly Claim[]): string {
  if (kind === 'object' || others.some((other) => other.kind !== kind))
    return 'a bucket has either ObjectWorm or a policy (RULES_COLLIDE)';
  return kind === 'bucket'
    ? 'a bucket has one policy (BUCKET_RULES_OVERLAP)'
    : 'a bucket has one default retention (DEFAULT_RULES_OVERLAP)';
}

/** Nobody reads a list of a thousand rules. */
const mostNamed = 3;
/** A rule that shares buckets with so many others is looked at no further. */
const mostRivals = 50;

function listed(others: readonly Claim[], inWords: (other: Claim) => string): string {
  const more = others.length - mostNamed;
  const texts = others.slice(0, mostNamed).map(inWords);
  return [...texts, ...(more > 0 ? [others.length < mostRivals ? `${more} more` : 'many more'] : [])].join(
    ' and ',
  );
}

function whyHopeless(claim: Claim, others: readonly Claim[]): string {
  return (
    `rule ${claim.name} fails for every bucket that it matches: ${listed(others, named)} ` +
    `${others.length === 1 ? 'matches' : 'match'} them too, and ${becauseOf(claim, others)}`
  );
}

function whyCollide(claim: Claim, others: readonly Claim[], compare: Comparisons): string {
  const sharing = listed(
    others,
    (other) => `${named(other)} (such as ${compare.shared(claim.buckets, other.buckets)})`,
  );
  const excluded = others.slice(0, mostNamed + 1).flatMap(({ pattern }) => pattern.globs);
  const globs = [...claim.pattern.globs, ...excluded.map((glob) => `!${glob}`)];
  const advice =
    others.length > mostNamed || excluded.some((glob) => glob.startsWith('!'))
      ? 'exclude them from one rule with "!"'
      : `exclude them, as in bucket: [${globs.map((glob) => JSON.stringify(glob)).join(', ')}]`;
  return (
    `rule ${claim.name} may share buckets with ${sharing}, and they would fail, since ` +
    `${becauseOf(claim, others)}; ${advice}`
  );
}

const named = ({ kind, name }: Claim): string => `${kind} rule ${name}`;
