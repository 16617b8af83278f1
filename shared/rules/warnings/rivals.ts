import { candidates, readsTags } from '../match.ts';
import type { ObjectRule, Rules } from '../types.ts';
import { mayShare } from './agreeing.ts';
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

  const earlier = earlierOnes(reachable);
  const differing = (one: Rival): Warning[] => {
    if (one.tags.length === 0) return [];
    for (const other of earlier(one)) {
      const tag = one.tags.find((read) => other.tags.includes(read));
      if (tag === undefined || overlap(one.reach, other.reach, compare) !== true) continue;
      if (outdoes(one, other) || refines(one, other) || refines(other, one)) continue;
      return differingDates(one, other, tag, compare); // one is enough to look at the rule
    }
    return [];
  };

  const near = mayCover(rules, reachable);
  return reachable.flatMap((one) => {
    const better = near(one).find(
      (other) => other !== one && outdoes(other, one) && !(one.index < other.index && outdoes(one, other)),
    );
    return better === undefined ? differing(one) : [outdone(one, better)];
  });
}

/** Finds the rules before one that read a tag which it reads and may match the same: each pair is found from its later rule. */
function earlierOnes(reachable: readonly Rival[]): (one: Rival) => Rival[] {
  const readers = new Map<string, Rival[]>();
  for (const rival of reachable) {
    for (const tag of new Set(rival.tags)) {
      const known = readers.get(tag);
      if (known === undefined) readers.set(tag, [rival]);
      else known.push(rival);
    }
  }
  const lookups = new Map(
    [...readers].map(([tag, rivals]) => [
      tag,
      mayShare(rivals, [({ reach }) => reach.bucket, ({ reach }) => reach.key]),
    ]),
  );
  return (one) => {
    const found = new Set(one.tags.flatMap((tag) => lookups.get(tag)?.(one) ?? []));
    return [...found].filter(({ index }) => index < one.index).sort((a, b) => a.index - b.index);
  };
}

/** Finds the rules that may cover one: those that match a sample of it, with no tag that it has not. */
function mayCover(rules: Rules, reachable: readonly Rival[]): (one: Rival) => Rival[] {
  const byTag = new Map<string, Rival[]>();
  const untagged: Rival[] = [];
  for (const rival of reachable) {
    const tag = spelledTag(rival);
    const known = tag === undefined ? untagged : byTag.get(tag);
    if (known !== undefined) known.push(rival);
    else if (tag !== undefined) byTag.set(tag, [rival]);
  }
  const rivalOf = new Map(untagged.map((rival) => [rival.rule, rival]));
  const rest: Rules = { ...rules, objects: untagged.map(({ rule }) => rule) };
  return ({ reach: { bucket, key, tags } }) => {
    const found = candidates(rest, bucket.samples[0] ?? '', key.samples[0] ?? '').flatMap(
      (rule) => rivalOf.get(rule) ?? [],
    );
    for (const [tag, { samples }] of tags) found.push(...(byTag.get(tagAndValue(tag, samples[0])) ?? []));
    return found.sort((one, other) => one.index - other.index);
  };
}

/** A tag of the rule whose one value is spelled out. */
function spelledTag({ reach: { tags } }: Rival): string | undefined {
  for (const [tag, { pattern }] of tags) {
    const [only, ...more] = pattern?.data.positive ?? [];
    if (only?.middle === 'nothing' && more.length === 0) return tagAndValue(tag, only.prefix);
  }
  return undefined;
}

const tagAndValue = (tag: string, value = ''): string => JSON.stringify([tag, value]);

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
  readsTags(rule) ? [...rule.match.tags.keys(), ...('tag' in rule.retain ? [rule.retain.tag] : [])] : [];
