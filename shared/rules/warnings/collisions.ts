import type { Pattern, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import {
  both,
  bucketNames,
  example,
  ifDecidable,
  isEmpty,
  type Language,
  union,
  without,
} from './language.ts';

/** A rule, as far as its buckets go. */
interface Claim {
  readonly name: string;
  readonly kind: 'object' | 'bucket';
  readonly path: Warning['path'];
  readonly pattern: Pattern;
  readonly buckets: Language;
}

/**
 * Buckets that more rules than one claim where OSS allows one: ObjectWorm and a WORM policy exclude each other, and a
 * bucket has one policy. Each pair of rules is told of once: as `unreachable` where it leaves one of them no bucket,
 * else as `may-collide`.
 */
export function collisions(rules: Rules): Warning[] {
  const claims = [...claimsOf(rules, 'objects', 'object'), ...claimsOf(rules, 'buckets', 'bucket')];
  const told = new Set<string>();
  const isNew = (one: Claim, other: Claim) => {
    const pair = [one.name, other.name].sort().join(' ');
    return !told.has(pair) && told.add(pair);
  };
  const rivals = (claim: Claim) =>
    claims.filter((other) => other !== claim && (claim.kind === 'bucket' || other.kind === 'bucket'));

  const hopeless = claims.flatMap((claim) => {
    const others = rivals(claim).filter((other) => shared(claim, other) !== undefined);
    const left = ifDecidable(
      () => !isEmpty(without(claim.buckets, union(others.map(({ buckets }) => buckets)))),
      true,
    );
    if (left || isEmpty(claim.buckets) || !others.map((other) => isNew(claim, other)).some(Boolean))
      return [];
    return [warn('unreachable', claim.path, whyHopeless(claim, others))];
  });
  const partly = claims.flatMap((claim, index) => {
    const later = rivals(claim).filter((other) => claims.indexOf(other) > index);
    const others = later.filter((other) => shared(claim, other) !== undefined && isNew(claim, other));
    return others.length === 0 ? [] : [warn('may-collide', claim.path, whyCollide(claim, others))];
  });
  return [...hopeless, ...partly];
}

function claimsOf(rules: Rules, list: 'objects' | 'buckets', kind: Claim['kind']): Claim[] {
  return rules[list].flatMap(({ name, match: { bucket: pattern } }, index) => {
    const buckets = ifDecidable(() => bucketNames(pattern), undefined);
    return buckets === undefined
      ? []
      : [{ name, kind, path: [list, index, 'match', 'bucket'], pattern, buckets }];
  });
}

const shared = (one: Claim, other: Claim): string | undefined =>
  ifDecidable(() => example(both(one.buckets, other.buckets)), undefined);

const becauseOf = ({ kind }: Claim, others: readonly Claim[]): string =>
  kind === 'bucket' && others.every((other) => other.kind === 'bucket')
    ? 'a bucket has one policy (BUCKET_RULES_OVERLAP)'
    : 'a bucket has either ObjectWorm or a policy (RULES_COLLIDE)';

function whyHopeless(claim: Claim, others: readonly Claim[]): string {
  return (
    `rule ${claim.name} fails for every bucket that it matches: ${others.map(named).join(' and ')} ` +
    `${others.length === 1 ? 'matches' : 'match'} them too, and ${becauseOf(claim, others)}`
  );
}

function whyCollide(claim: Claim, others: readonly Claim[]): string {
  const sharing = others.map((other) => `${named(other)} (such as ${shared(claim, other)})`).join(' and ');
  const excluded = others.flatMap(({ pattern }) => pattern.globs);
  const globs = [...claim.pattern.globs, ...excluded.map((glob) => `!${glob}`)];
  const advice = excluded.some((glob) => glob.startsWith('!'))
    ? 'exclude them from one rule with "!"'
    : `exclude them, as in bucket: [${globs.map((glob) => JSON.stringify(glob)).join(', ')}]`;
  return (
    `rule ${claim.name} may share buckets with ${sharing}, and they would fail, since ` +
    `${becauseOf(claim, others)}; ${advice}`
  );
}

const named = ({ kind, name }: Claim): string => `${kind} rule ${name}`;
