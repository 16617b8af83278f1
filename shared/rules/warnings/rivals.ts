import { readsTags } from '../match.ts';
import type { ObjectRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { isEmpty as empty, ifDecidable } from './language.ts';
import { neverShorter } from './lengths.ts';
import { covers, overlap, type Reach, reachOf, sharedObject } from './reach.ts';

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
  const longer = (one: Rival, other: Rival) => neverShorter(one.rule, other.rule, limit);
  const wider = (one: Rival, other: Rival, unsure: boolean) =>
    ifDecidable(() => covers(one.reach, other.reach), unsure);
  const outdoes = (one: Rival, other: Rival) => longer(one, other) && wider(one, other, false);
  /** A narrower rule that keeps some objects longer than a wider one: that is what two rules are for. */
  const refines = (one: Rival, other: Rival) => longer(one, other) && wider(other, one, true);
  const reachable = all.filter(({ reach }) => !isEmpty(reach));

  return reachable.flatMap((one) => {
    const near = reachable.filter(
      (other) => other !== one && ifDecidable(() => overlap(one.reach, other.reach), false),
    );
    const better = near.find(
      (other) => outdoes(other, one) && !(one.index < other.index && outdoes(one, other)),
    );
    if (better !== undefined) return [outdone(one, better)];
    for (const other of near) {
      const tag = sharedTag(one.rule, other.rule);
      if (other.index > one.index || tag === undefined) continue;
      if (outdoes(one, other) || refines(one, other) || refines(other, one)) continue;
      return differingDates(one, other, tag); // one is enough to look at the rule
    }
    return [];
  });
}

const isEmpty = ({ bucket, key, tags }: Reach): boolean =>
  empty(bucket) || empty(key) || [...tags.values()].some((values) => empty(values));

function outdone({ index, rule }: Rival, { rule: better }: Rival): Warning {
  return warn(
    'outdone',
    ['objects', index, 'name'],
    `rule ${rule.name} never decides: rule ${better.name} matches all that it matches and keeps it as long or longer, ` +
      'and the latest date wins; drop it, or narrow the other',
  );
}

function differingDates(one: Rival, other: Rival, tag: string): Warning[] {
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

/** Rules about different tags say different things; two that read the same one were meant to agree. */
const sharedTag = (one: ObjectRule, other: ObjectRule): string | undefined =>
  tagsRead(one).find((tag) => tagsRead(other).includes(tag));

const tagsRead = (rule: ObjectRule): string[] =>
  readsTags(rule)
    ? [...rule.match.tags.keys(), ...(rule.retain.kind === 'for' ? [] : [rule.retain.tag])]
    : [];
