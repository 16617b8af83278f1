import { compilePattern } from '../pattern.ts';
import type { Path } from '../problem.ts';
import type { Pattern, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import type { Comparisons, Names } from './names.ts';
import { whyNoBucket, whyNoKey, whyNoValue } from './unreachable.ts';

/**
 * Single globs that can never match, beside others that can: the rule works, and one of its globs does nothing. A rule
 * without any glob that can match is `unreachable`.
 */
export function impossibleGlobs({ objects, buckets, defaults }: Rules, compare: Comparisons): Warning[] {
  return [
    ...objects.flatMap(({ name, match }, index) => {
      const path = ['objects', index, 'match'];
      return [
        ...among(match.bucket, { kind: 'bucket', name, path: [...path, 'bucket'] }, compare),
        ...among(match.key, { kind: 'key', name, path: [...path, 'key'] }, compare),
        ...[...match.tags].flatMap(([tag, values]) =>
          among(values, { kind: 'tag', name, path: [...path, 'tags', tag], tag }, compare),
        ),
      ];
    }),
    ...buckets.flatMap(({ name, match }, index) =>
      among(match.bucket, { kind: 'bucket', name, path: ['buckets', index, 'match', 'bucket'] }, compare),
    ),
    ...defaults.flatMap(({ name, match }, index) =>
      among(match.bucket, { kind: 'bucket', name, path: ['defaults', index, 'match', 'bucket'] }, compare),
    ),
  ];
}

interface Place {
  readonly kind: 'bucket' | 'key' | 'tag';
  /** The name of the rule. */
  readonly name: string;
  readonly path: Path;
  readonly tag?: string;
}

function among(pattern: Pattern | undefined, place: Place, compare: Comparisons): Warning[] {
  const globs = pattern?.globs ?? [];
  if (globs.length === 1 && globs[0]?.startsWith('!') !== true) return [];
  const exclusions = globs.filter((glob) => glob.startsWith('!'));
  return globs.flatMap((glob, index) => {
    const excludes = glob.startsWith('!');
    const reason =
      whyImpossible(excludes ? withoutMark(glob) : glob, place, compare) ??
      (!excludes && isEmpty([glob, ...exclusions], place, compare)
        ? 'the globs with "!" beside it exclude all that it matches'
        : undefined);
    if (reason === undefined) return [];
    const path = globs.length === 1 ? place.path : [...place.path, index];
    const what = excludes ? 'excludes nothing' : 'never matches';
    return [warn('impossible-glob', path, `rule ${place.name}: ${JSON.stringify(glob)} ${what}: ${reason}`)];
  });
}

/** The glob that a glob with `!` excludes by; a second `!` stands for itself. */
const withoutMark = (glob: string): string => (glob[1] === '!' ? `\\${glob.slice(1)}` : glob.slice(1));

function whyImpossible(glob: string, place: Place, compare: Comparisons): string | undefined {
  if (!isEmpty([glob], place, compare)) return undefined;
  if (place.kind === 'bucket') return whyNoBucket;
  const pattern = compiled([glob], place);
  return place.kind === 'key' ? whyNoKey(pattern) : whyNoValue(place.tag ?? '', pattern);
}

function isEmpty(globs: readonly string[], place: Place, compare: Comparisons): boolean {
  const pattern = compiled(globs, place);
  const names: Names | undefined = pattern && compare[place.kind](pattern);
  return names?.samples.length === 0;
}

function compiled(globs: readonly string[], { kind }: Place): Pattern | undefined {
  const pattern = compilePattern(globs, kind === 'key' ? 'key' : 'text');
  return 'problem' in pattern ? undefined : pattern;
}
