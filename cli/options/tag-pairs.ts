import { mostTags } from '../../shared/platform/most-tags.ts';
import { usage } from './usage.ts';

/**
 * Reads the values of --tag: `key=value` each.
 * @throws USAGE
 */
export function readTagPairs(texts: readonly string[]): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const text of texts) {
    const split = text.indexOf('=');
    if (split < 1) throw usage(`--tag ${text}: expected key=value`);
    const name = text.slice(0, split);
    if (tags.has(name))
      throw usage(`--tag ${text}: ${name} is there twice, and a version has one value of it`);
    tags.set(name, text.slice(split + 1));
  }
  if (tags.size > mostTags) throw usage(`--tag: an object has at most ${mostTags} tags, found ${tags.size}`);
  return tags;
}
