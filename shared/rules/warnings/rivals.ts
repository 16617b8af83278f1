import { readsTags } from '../match.ts';
import type { ObjectRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { ifDecidable } from './language.ts';
import { neverShorter } from './lengths.ts';
import { covers, type Reach, reachOf, sharedObject } from './reach.ts';

/** A rule with what it matches. */
interface Rival {
  readonly index: number;
  readonly rule: ObjectRule;
  readonly reach: Reach;
}

/** Object rules that match the same objects, where one is in vain or a tag is read in two ways. */
export function rivals(rules: Rules): Warning[] {
  const limit = rules.limits.maxRetention;
  const all = rules.objects.flatMap((rule, index) =>
    ifDecidable(() => [{ index, rule, reach: reachOf(rule) }], []),
  );
  const outdoes = (one: Rival, other: Rival) =>
    neverShorter(one.rule, other.rule, limit) && ifDecidable(() => covers(one.reach, other.reach), false);
  const reachable = all.filter(({ reach }) => !isEmpty(reach));

  return reachable.flatMap((one) => {
    const better = reachable.find(
      (other) => other !== one && outdoes(other, one) && !(outdoes(one, other) && one.index < other.index),
    );
    if (better !== undefined) return [outdone(one, better)];
    const earlier = reachable.filter(({ index }) => index < one.index);
    return earlier.flatMap((other) => {
      if (outdoes(other, one) || outdoes(one, other) || growing(one, other) || growing(other, one)) return [];
      return differingDates(one, other);
    });

    /** A narrower rule that keeps some objects longer than a wider one: that is what two rules are for. */
    function growing(narrow: Rival, wide: Rival): boolean {
      return (
        neverShorter(narrow.rule, wide.rule, limit) &&
        ifDecidable(() => covers(wide.reach, narrow.reach), true)
      );
    }
  });
}

const isEmpty = ({ bucket, key, tags }: Reach): boolean =>
  bucket.isEmpty || key.isEmpty || [...tags.values()].some((values) => values.isEmpty);

function outdone({ index, rule }: Rival, { rule: better }: Rival): Warning {
  return warn(
    'outdone',
    ['objects', index, 'name'],
    `rule ${rule.name} never decides: rule ${better.name} matches all that it matches and keeps it as long or longer, ` +
      'and the latest date wins; drop it, or narrow the other',
  );
}

/** Rules about different tags say different things; two that read the same one were meant to agree. */
function differingDates(one: Rival, other: Rival): Warning[] {
  const tag = tagsRead(one.rule).find((name) => tagsRead(other.rule).includes(name));
  if (tag === undefined) return [];
  const object = ifDecidable(() => sharedObject(one.reach, other.reach), undefined);
  if (object === undefined) return [];
  return [
    warn(
      'differing-dates',
      ['objects', one.index, 'retain'],
      `rules ${other.rule.name} and ${one.rule.name} both go by tag ${tag} and may give different dates ` +
        `for an object such as ${object}; the latest wins`,
    ),
  ];
}

const tagsRead = (rule: ObjectRule): string[] =>
  readsTags(rule)
    ? [...rule.match.tags.keys(), ...(rule.retain.kind === 'for' ? [] : [rule.retain.tag])]
    : [];
