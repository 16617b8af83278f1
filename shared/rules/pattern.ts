import { patternOf } from './compiled-pattern.ts';
import type { Unparsed } from './duration.ts';
import { type GlobSubject, type GlobTree, parseGlob } from './glob/parse.ts';
import { globData } from './glob/shape.ts';
import type { Pattern } from './types.ts';

export type { GlobSubject as Subject };

/**
 * Compiles one or more globs. A name matches when a positive glob matches and no `!` glob does; with only `!`
 * globs, everything else matches.
 *
 * Globs know `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}` and `\` before any character to mean the character itself.
 * Everything else stands for itself, parentheses and `|` too. A character is a Unicode code point. Case counts; names
 * that start with a dot are not special; a key is not a path, so `.`, `..` and empty segments are plain text.
 */
export function compilePattern(globs: readonly string[], subject: GlobSubject): Pattern | Unparsed {
  const parsed = parseGlobs(globs, subject);
  if ('problem' in parsed) return parsed;
  return patternOf({
    globs,
    positive: parsed.positive.map(globData),
    negative: parsed.negative.map(globData),
  });
}

/** The globs of a pattern, each as its parts. */
export interface ParsedGlobs {
  readonly positive: readonly GlobTree[];
  readonly negative: readonly GlobTree[];
}

/** Reads globs; of several mistakes it names the first. */
export function parseGlobs(globs: readonly string[], subject: GlobSubject): ParsedGlobs | Unparsed {
  if (globs.length === 0) return { problem: 'expected at least one glob, found an empty list' };
  const positive: GlobTree[] = [];
  const negative: GlobTree[] = [];
  for (const glob of globs) {
    const excludes = glob.startsWith('!');
    const tree = parseGlob(excludes ? glob.slice(1) : glob, subject);
    if ('problem' in tree) return { problem: `${tree.problem}, found ${JSON.stringify(shown(glob))}` };
    (excludes ? negative : positive).push(tree);
  }
  return { positive, negative };
}

const longestShown = 200;

const shown = (glob: string): string =>
  glob.length > longestShown ? `${glob.slice(0, longestShown)}…` : glob;
