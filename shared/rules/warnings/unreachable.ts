import type { Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { bucketNames, isEmpty as empty, ifDecidable, keys, type Language, tagValues } from './language.ts';

/** Object and bucket rules whose own globs leave no name that the service would take. */
export function unreachable({ objects, buckets }: Rules): Warning[] {
  return [
    ...objects.flatMap(({ name, match }, index) => {
      const path = ['objects', index, 'match'];
      return [
        ...impossibleBucket(name, match, path),
        ...(isEmpty(() => keys(match.key))
          ? [warn('unreachable', [...path, 'key'], whyNoKey(name, match.key))]
          : []),
        ...[...match.tags]
          .filter(([, values]) => isEmpty(() => tagValues(values)))
          .map(([tag]) =>
            warn(
              'unreachable',
              [...path, 'tags', tag],
              `rule ${name}: its globs leave no value of tag ${tag}`,
            ),
          ),
      ];
    }),
    ...buckets.flatMap(({ name, match }, index) =>
      impossibleBucket(name, match, ['buckets', index, 'match']),
    ),
  ];
}

const isEmpty = (language: () => Language): boolean => ifDecidable(() => empty(language()), false);

type Match = Rules['buckets'][number]['match'];

function impossibleBucket(name: string, { bucket }: Match, path: Warning['path']): Warning[] {
  if (!isEmpty(() => bucketNames(bucket))) return [];
  const names = 'names are 3 to 63 lower-case letters, digits and hyphens, such as fin-eu';
  return [warn('unreachable', [...path, 'bucket'], `rule ${name}: no bucket can match: ${names}`)];
}

function whyNoKey(name: string, pattern: { readonly globs: readonly string[] } | undefined): string {
  const slash = pattern?.globs.find((glob) => /^[/\\]/.test(glob));
  if (slash === undefined) return `rule ${name}: its globs leave no key`;
  const better = slash.replace(/^[/\\]+/, '');
  return `rule ${name}: no key can match: keys do not begin with a slash; write ${JSON.stringify(better)}`;
}
