import { candidates, readsTags } from '../match.ts';
import type { ObjectRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { comparedLengths } from './lengths.ts';
import type { Comparisons, Proof } from './names.ts';
import { covers, matchesNothing, overlap, type Reach, reachOf, sharedObject } from './reach.ts';

/** A rule with what it matches. */
interface Rival {
  readonly index: number;
  readonly rule: ObjectRule;
  readonly reach: Reach;
  /** The tags that the rule goes by. */
  readonly tags: readonly string[];
}

/** Object rules that match the same objects, where one is in vain or a tag is read in two ways. */
export function rivals(rules: Rules, compare: Comparisons): Warning[] {
  const { objects, limits } = rules;
  const reachable = objects.flatMap((rule, index): Rival[] => {
    const reach = reachOf(rule, compare);
    if (reach === undefined || matchesNothing(reach)) return [];
    return [{ index, rule, reach, tags: tagsRead(rule) }];
  });
  const neverShorter = comparedLengths(limits.maxRetention);
  const longer = (one: Rival, other: Rival) => neverShorter(one.rule, other.rule);
  const wider = (one: Rival, other: Rival): Proof => covers(one.reach, other.reach, compare);
  const outdoes = (one: Rival, other: Rival) => wider(one, other) === true && longer(one, other);
  /** A narrower rule that keeps some objects longer than a wider one: that is what two rules are for. */
  const refines = (one: Rival, other: Rival) => wider(other, one) !== false && longer(one, other);

  const differing = (one: Rival): Warning[] => {
    if (one.tags.length === 0) return [];
    for (const other of reachable) {
      if (other === one) break; // each pair is looked at from its later rule
      const tag = one.tags.find((read) => other.tags.includes(read));
      if (tag === undefined || overlap(one.reach, other.reach, compare) !== true) continue;
      if (outdoes(one, other) || refines(one, other) || refines(other, one)) continue;
      return differingDates(one, other, tag, compare); // one is enough to look at the rule
    }
    return [];
  };

  const rivalOf = new Map(reachable.map((rival) => [rival.rule, rival]));
  /** Those that match a sample of the rule: what covers it is among them. */
  const near = ({ reach: { bucket, key } }: Rival): Rival[] => {
    const found = candidates(rules, bucket.samples[0] ?? '', key.samples[0] ?? '');
    return found.flatMap((rule) => rivalOf.get(rule) ?? []);
  };
  return reachable.flatMap((one) => {
    const better = near(one).find(
      (other) => other !== one && outdoes(other, one) && !(one.index < other.index && outdoes(one, other)),
    );
    return better === undefined ? differing(one) : [outdone(one, better)];
  });
}

function outdone({ index, rule }: Rival, { rule: better }: Rival): Warning {
  return warn(
    'outdone',
    ['objects', index, 'name'],
    `rule ${rule.name} never decides: rule ${better.name} matches all that it matches and keeps it as long or longer, ` +
      'and the latest date wins; drop it, or narrow the other',
  );
}

function differingDates(one: Rival, other: Rival, tag: string, compare: Comparisons): Warning[] {
  const object = sharedObject(one.reach, other.reach, compare);
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
const tagsRead = (rule: ObjectRule): string[] =>
  readsTags(rule)
    ? [...rule.match.tags.keys(), ...(rule.retain.kind === 'for' ? [] : [rule.retain.tag])]
    : [];
