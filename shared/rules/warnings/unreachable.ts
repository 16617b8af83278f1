import { mostTags } from '../../platform/most-tags.ts';
import { readsTags } from '../match.ts';
import type { ObjectRule, Pattern, Retain, Rules, TagBounds } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { impossibleInTag, isLegalInTags, longestTagName, longestTagValue } from './legal-names.ts';
import type { Comparisons, Names } from './names.ts';

/** Object and bucket rules whose own globs and tags leave nothing that the service would take. */
export function unreachable({ objects, buckets, defaults }: Rules, compare: Comparisons): Warning[] {
  return [
    ...objects.flatMap((rule, index) => {
      const { name, match } = rule;
      const path = ['objects', index, 'match'];
      return [
        ...impossibleBucket(name, match, path, compare),
        ...(isEmpty(compare.key(match.key))
          ? [warn('unreachable', [...path, 'key'], `rule ${name}: ${whyNoKey(match.key)}`)]
          : []),
        ...impossibleTags(rule, index, compare),
      ];
    }),
    ...buckets.flatMap(({ name, match }, index) =>
      impossibleBucket(name, match, ['buckets', index, 'match'], compare),
    ),
    ...defaults.flatMap(({ name, match }, index) =>
      impossibleBucket(name, match, ['defaults', index, 'match'], compare),
    ),
  ];
}

const isEmpty = (names: Names | undefined): boolean => names?.samples.length === 0;

type Match = Rules['buckets'][number]['match'];

function impossibleBucket(
  name: string,
  { bucket }: Match,
  path: Warning['path'],
  compare: Comparisons,
): Warning[] {
  if (!isEmpty(compare.bucket(bucket))) return [];
  return [warn('unreachable', [...path, 'bucket'], `rule ${name}: no bucket can match: ${whyNoBucket}`)];
}

export const whyNoBucket = 'names are 3 to 63 lower-case letters, digits and hyphens, such as fin-eu';

/** Why no key can match the globs, in words for people. */
export function whyNoKey(pattern: Pattern | undefined): string {
  const slash = pattern?.globs.find((glob) => /^[/\\]/.test(glob));
  const tooLong = pattern?.globs.some((glob) => Buffer.byteLength(glob) > 1023);
  const limit = tooLong === true ? ' (keys have at most 1,023 bytes)' : '';
  if (slash === undefined) return `its globs leave no key${limit}`;
  const better = slash.replace(/^[/\\]+/, '');
  return `no key can match: keys do not begin with a slash; write ${JSON.stringify(better)}`;
}

/** Tags that OSS stores on no object. */
function impossibleTags(rule: ObjectRule, index: number, compare: Comparisons): Warning[] {
  const { name, match, retain } = rule;
  const path = ['objects', index, 'match', 'tags'];
  const own = [...match.tags].flatMap(([tag, values]): Warning[] => {
    const reason = whyNoSuchTag(tag) ?? (isEmpty(compare.tag(values)) ? whyNoValue(tag, values) : undefined);
    return reason === undefined ? [] : [warn('unreachable', [...path, tag], `rule ${name}: ${reason}`)];
  });
  if (match.tags.size > mostTags) {
    const count = `it asks for ${match.tags.size} tags, and an object has at most ${mostTags}`;
    own.push(warn('unreachable', path, `rule ${name}: no object can match: ${count}`));
  }
  if (!readsTags(rule) || !('tag' in retain) || match.tags.has(retain.tag)) return own;
  const reason = whyNoSuchTag(retain.tag);
  if (reason === undefined) return own;
  const key = { 'for-tag': 'forTag', 'until-tag': 'untilTag', 'from-tag': 'fromTag' }[retain.kind];
  const [code, consequence] = consequenceOf(retain);
  return [
    ...own,
    warn(code, ['objects', index, 'retain', key], `rule ${name}: ${reason}, so ${consequence}`),
  ];
}

function consequenceOf(retain: Extract<Retain, TagBounds>): ['unreachable' | 'no-such-tag', string] {
  if ('whileOpen' in retain && retain.whileOpen !== undefined)
    return ['no-such-tag', 'what it holds is never closed'];
  return retain.otherwise === undefined
    ? ['unreachable', 'every event fails (TAG_UNREADABLE)']
    : ['no-such-tag', 'its "otherwise" always decides'];
}

function whyNoSuchTag(tag: string): string | undefined {
  if (tag === '') return 'no object has a tag without a name';
  const length = [...tag].length;
  if (length > longestTagName) {
    return `no object has a tag with a name of ${length} characters (${longestTagName} at most)`;
  }
  const wrong = [...tag].find((character) => !isLegalInTags(character));
  return wrong === undefined
    ? undefined
    : `no object has a tag with ${JSON.stringify(wrong)} in its name (${allowed})`;
}

const allowed = 'letters, digits, spaces and + - = . _ : / are allowed';

/** Why no value of the tag can match the globs, in words for people. */
export function whyNoValue(tag: string, pattern: Pattern | undefined): string {
  const wrong = pattern && impossibleInTag(pattern);
  if (wrong !== undefined) {
    return `no value of tag ${tag} can match: ${JSON.stringify(wrong)} is in none (${allowed})`;
  }
  const tooLong = pattern?.globs.some((glob) => !glob.startsWith('!') && [...glob].length > longestTagValue);
  const limit = tooLong === true ? ` (values have at most ${longestTagValue} characters)` : '';
  return `its globs leave no value of tag ${tag}${limit}`;
}
