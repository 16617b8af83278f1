import { eventHoldOf } from '../rules/event-hold.ts';
import { isOwnObject } from '../rules/own-object.ts';
import type { ObjectRule, Pattern, Rules } from '../rules/types.ts';
import { type OpenScope, scopeCovers } from './matching.ts';
import { firstPlaceOf, type PlacePattern, placesReach } from './places.ts';

/*
 * An open matter keeps by generations of retention, as an event hold does (docs/event-holds.md), what no legal hold keeps: it counts as a
 * rule whose period never begins. Decisions, repairs and reports then treat it as any other rule.
 */

/**
 * Returns the rules with one more for each place of the open matters, which holds while its matter is open, for versions that are under no
 * legal hold. Pure.
 * @param hasHolds tells whether the service has legal holds, so that a version has to be looked at first
 */
export const withMatters = (rules: Rules, open: readonly OpenScope[], hasHolds: boolean): Rules =>
  open.length === 0 ? rules : { ...rules, objects: [...rules.objects, ...holdRules(rules, open, hasHolds)] };

/**
 * Makes the function that returns the rules with those of open matters: the same ones for the same matters, since an index is made of
 * each.
 * @param hasHolds as of {@link withMatters}
 */
export function createRulesWithMatters(
  rules: Rules,
  hasHolds: boolean,
): (open: readonly OpenScope[]) => Rules {
  let last: { readonly open: readonly OpenScope[]; readonly rules: Rules } = { open: [], rules };
  return (open) => {
    const isSame =
      open.length === last.open.length && open.every(({ scope }, index) => scope === last.open[index]?.scope);
    if (!isSame) last = { open, rules: withMatters(rules, open, hasHolds) };
    return last.rules;
  };
}

/**
 * Returns the rules without those of matters that were released since. Pure.
 * @param now the rules with the matters that are open now
 */
export function withoutReleased(rules: Rules, now: Rules): Rules {
  const open = new Set(now.objects.map(({ matter }) => matter?.id));
  const objects = rules.objects.filter(({ matter }) => matter === undefined || open.has(matter.id));
  return objects.length === rules.objects.length ? rules : { ...rules, objects };
}

/** Returns the rules that open matters are where a hold was refused, without those of the rules file. Pure. */
export const mattersAlone = (rules: Rules, open: readonly OpenScope[]): Rules => ({
  ...rules,
  objects: holdRules(rules, open, false),
});

function holdRules(rules: Rules, open: readonly OpenScope[], hasHolds: boolean): ObjectRule[] {
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
          looksForHold: hasHolds,
          covers: (version) =>
            !(hasHolds && version.legalHold === true) &&
            !isOwnObject(rules, version) &&
            isFirst(place, version, scope),
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
