import { eventHoldOf } from '../rules/event-hold.ts';
import { isOwnObject } from '../rules/own-object.ts';
import type { ObjectRule, Pattern, Rules } from '../rules/types.ts';
import { type OpenScope, scopeCovers } from './matching.ts';
import { firstPlaceOf, type PlacePattern, placesReach } from './places.ts';

/*
 * Where a bucket takes no legal hold, an open matter keeps its versions by generations of retention, as an event hold does
 * (docs/event-holds.md): it counts as a rule whose period never begins. Decisions, repairs and reports then treat it as any other rule.
 */

/**
 * Returns the rules with one more for each place of the open matters, which holds while its matter is open. Pure.
 * @param isWithoutHolds tells whether a bucket takes no legal hold; unless given, none does
 */
export const withMatters = (
  rules: Rules,
  open: readonly OpenScope[],
  isWithoutHolds: (bucket: string) => boolean = () => true,
): Rules =>
  open.length === 0
    ? rules
    : { ...rules, objects: [...rules.objects, ...holdRules(rules, open, isWithoutHolds)] };

/**
 * Makes the function that returns the rules with those of open matters, where no bucket takes a legal hold: the same ones for the same
 * matters, since an index is made of each.
 */
export function createRulesWithMatters(rules: Rules): (open: readonly OpenScope[]) => Rules {
  let last: { readonly open: readonly OpenScope[]; readonly rules: Rules } = { open: [], rules };
  return (open) => {
    const isSame =
      open.length === last.open.length && open.every(({ scope }, index) => scope === last.open[index]?.scope);
    if (!isSame) last = { open, rules: withMatters(rules, open) };
    return last.rules;
  };
}

/** Returns the rules that open matters are, without those of the rules file. Pure. */
export const mattersAlone = (rules: Rules, open: readonly OpenScope[]): Rules => ({
  ...rules,
  objects: holdRules(rules, open, () => true),
});

function holdRules(
  rules: Rules,
  open: readonly OpenScope[],
  isWithoutHolds: (bucket: string) => boolean,
): ObjectRule[] {
  const { maxRetention } = rules.limits;
  const whileOpen = eventHoldOf(maxRetention);
  return open.flatMap(({ id, scope }) =>
    scope.places.included.map(
      (place): ObjectRule => ({
        name: `matter ${id}`,
        match: { bucket: reachedBuckets(place, scope), key: place.key, tags: scope.tags },
        retain: { kind: 'from-tag', tag: noTag, period: maxRetention, ...unbounded, whileOpen },
        // A version in two places is kept by one of them. What Holdfast writes would grow by each run that keeps it.
        matter: {
          id,
          covers: (version) =>
            isWithoutHolds(version.bucket) && !isOwnObject(rules, version) && isFirst(place, version, scope),
        },
      }),
    ),
  );
}

/** Returns the buckets of a place, without those that are excluded in whole: they need no look, and no permission. */
const reachedBuckets = ({ bucket }: PlacePattern, { places }: OpenScope['scope']): Pattern => ({
  globs: bucket.globs,
  data: bucket.data,
  matches: (name) => bucket.matches(name) && placesReach(places, name),
});

/** No object has a tag of this name, so the period never begins. */
const noTag = '';
const unbounded = { atLeast: undefined, atMost: undefined, otherwise: undefined } as const;

const isFirst = (
  place: PlacePattern,
  version: Parameters<typeof scopeCovers>[1],
  scope: OpenScope['scope'],
): boolean => scopeCovers(scope, version) && firstPlaceOf(scope.places, version) === place;
