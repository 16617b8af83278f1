import picomatch from 'picomatch';
import type { Unparsed } from './duration.ts';
import type { Pattern } from './types.ts';

/**
 * What is matched. `key`: `*` and `?` stop at `/`, a segment `**` does not. `text` (bucket names, tag values): there
 * are no segments, so `*` matches anything. In both, `*` matches nothing too: `a/*` takes the key `a/`.
 */
export type Subject = 'key' | 'text';

/**
 * Compiles one or more globs. A name matches when a positive glob matches and no `!` glob does; with only `!`
 * globs, everything else matches.
 *
 * Globs know `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}` and `\` before any of these to mean the character itself.
 * Everything else stands for itself, parentheses and `|` too. Case counts; names that start with a dot are not
 * special; a key is not a path, so `.`, `..` and empty segments are plain text.
 */
export function compilePattern(globs: readonly string[], subject: Subject): Pattern | Unparsed {
  const compiled = compileGlobs(globs, subject);
  if ('problem' in compiled) return compiled;
  const { positive, negative } = compiled;
  return {
    globs,
    matches(name) {
      const text = disguised(name, subject);
      if (negative.some((glob) => glob.test(text))) return false;
      return positive.length === 0 || positive.some((glob) => glob.test(text));
    },
  };
}

/** The regular expressions behind globs, anchored at both ends. They are for disguised names. */
export function compileGlobs(
  globs: readonly string[],
  subject: Subject,
): { positive: RegExp[]; negative: RegExp[] } | Unparsed {
  if (globs.length === 0) return { problem: 'expected at least one glob, found an empty list' };
  const positive: RegExp[] = [];
  const negative: RegExp[] = [];
  for (const glob of globs) {
    const excludes = glob.startsWith('!');
    const compiled = compileGlob(excludes ? glob.slice(1) : glob, subject);
    if ('problem' in compiled) return { problem: `${compiled.problem}, found ${JSON.stringify(glob)}` };
    (excludes ? negative : positive).push(compiled);
  }
  return { positive, negative };
}

function compileGlob(glob: string, subject: Subject): RegExp | Unparsed {
  // picomatch drops a NUL, and would match something else.
  if (glob === '' || glob.includes('\0')) return { problem: 'expected a glob such as "ledger/**"' };
  try {
    const { source } = picomatch.makeRe(literal(glob, subject), options);
    return new RegExp(withoutPathRules(source), 's');
  } catch (error) {
    return { problem: reason(error) };
  }
}

const options: picomatch.PicomatchOptions = {
  dot: true,
  strictSlashes: true,
  windows: false,
  nonegate: true,
  noextglob: true,
  strictBrackets: true,
  literalBrackets: false,
  keepQuotes: true,
  fastpaths: false,
  // `[!a]` besides `[^a]`
  posix: true,
  // report what does not compile; the default is a regular expression that matches nothing
  debug: true,
  // picomatch would make `[1-12]` of `{1..12}`
  expandRange() {
    throw new SyntaxError('expected the choices one by one, such as {01,02,03}');
  },
};

/** Escapes what picomatch takes for regular expressions, quoting, and a path's leading `./`. */
function literal(glob: string, subject: Subject): string {
  const escaped = glob.replace(/\\(.?)|[()|"]/gs, (found, meant?: string) => {
    if (meant === '\\' || meant === '') return stand.backslash;
    return meant === undefined ? `\\${found}` : found;
  });
  if (subject === 'text') return escaped.replaceAll('/', stand.slash);
  return escaped
    .replace(/(?<=^|[/{,])\*\*\//g, stand.segments)
    .replace(/(?<=^|[/{,]|\uFDD0)\*\*(?=$|[,}])/g, stand.anything)
    .replace(/^\.\//, '\\./');
}

/**
 * Noncharacters of Unicode, which no name contains. They stand for what picomatch has its own ideas about: a
 * backslash beside others, a slash where it separates nothing, and `**`, which it reads differently after a leading
 * slash, in braces and at the end.
 */
const stand = { backslash: '\uFDD2', slash: '\uFDD3', segments: '\uFDD0', anything: '\uFDD1' };

/** A name as the expressions see it. */
function disguised(name: string, subject: Subject): string {
  const text = name.replaceAll('\\', stand.backslash);
  return subject === 'text' ? text.replaceAll('/', stand.slash) : text;
}

/** The name behind a disguised one. */
export const undisguised = (text: string): string =>
  text.replaceAll(stand.backslash, '\\').replaceAll(stand.slash, '/');

/**
 * Takes away what picomatch puts before a lone `*`, so that it matches neither the path segments `.` and `..` nor
 * an empty one, and puts in what `**` means. The tests would notice a picomatch that writes something else.
 */
function withoutPathRules(source: string): string {
  return [
    ['(?!(?:^|\\/)\\.{1,2}(?:\\/|$))', ''],
    ['(?!\\.{1,2}(?:\\/|$))', ''],
    ['(?!\\.{0,1}(?:\\/|$))', ''],
    ['(?=.)', ''],
    [stand.segments, '(?:.*\\/)?'],
    [stand.anything, '.*'],
  ].reduce((rest, [text = '', instead = '']) => rest.replaceAll(text, instead), source);
}

function reason(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: String(error) };
  const bracket = /^Missing (opening|closing): "(.)"/.exec(message);
  if (bracket)
    return `expected a glob with ${bracket[1]} "${bracket[2]}" (or \\ before a bracket or brace that is meant as such)`;
  return message.startsWith('expected') ? message : `expected a glob such as "ledger/**" (${message})`;
}
