import { automatonOf } from './automaton.ts';
import { only } from './charset.ts';
import type { GlobData } from './matcher.ts';
import { type GlobPart, type GlobTree, notSlash } from './parse.ts';

/** Compiles one glob. */
export function globData(tree: GlobTree): GlobData {
  const prefix = literal(tree);
  const rest = tree.slice(prefix.length);
  const suffix = literal([...rest].reverse()).reverse();
  const middle = rest.slice(0, rest.length - suffix.length);
  const texts = { prefix: prefix.join(''), suffix: suffix.join('') };
  // Halves of a character must not be taken for the half of a whole one.
  if (loneSurrogate.test(texts.prefix) || loneSurrogate.test(texts.suffix)) {
    return { prefix: '', suffix: '', middle: automatonOf(tree) };
  }
  const [star, ...more] = middle;
  if (star === undefined) return { ...texts, middle: 'nothing' };
  // What may leave out the slash behind it: `a/**/b` matches `a/b`.
  const ownSlash = texts.suffix.startsWith('/');
  if (more.length === 0 && star.kind === 'many' && !(star.deep && ownSlash)) {
    return { ...texts, middle: star.set === notSlash ? 'segment' : 'anything' };
  }
  return {
    prefix: texts.prefix,
    suffix: ownSlash ? texts.suffix.slice(1) : texts.suffix,
    inside: longestInside(middle),
    middle: automatonOf(tree),
  };
}

/** The longest text that every name has, without a slash at its beginning, which `**` may leave out. */
function longestInside(tree: GlobTree): string {
  let longest = '';
  for (let at = 0; at < tree.length; ) {
    const run = literal(tree.slice(at));
    const text = run.join('').replace(/^\//, '');
    if (text.length > longest.length && !loneSurrogate.test(text)) longest = text;
    at += run.length + 1;
  }
  return longest;
}

/** The characters at the beginning that stand for themselves. */
function literal(tree: GlobTree): string[] {
  const found: string[] = [];
  for (const part of tree) {
    const point = part.kind === 'one' ? only(part.set) : undefined;
    if (point === undefined) break;
    found.push(String.fromCodePoint(point));
  }
  return found;
}

const loneSurrogate = /[\uD800-\uDFFF]/u;

/** The fewest characters, and the fewest bytes in UTF-8, that a name needs to match. */
export interface LeastLength {
  readonly characters: number;
  readonly bytes: number;
}

export function leastLength(tree: GlobTree): LeastLength {
  const lengths = tree.map(leastOfPart);
  // The slash behind each `**` may be left out with it.
  const spare = tree.filter((part) => part.kind === 'many' && part.deep).length;
  const sum = (count: (length: LeastLength) => number) =>
    Math.max(0, lengths.reduce((total, length) => total + count(length), 0) - spare);
  return { characters: sum(({ characters }) => characters), bytes: sum(({ bytes }) => bytes) };
}

function leastOfPart(part: GlobPart): LeastLength {
  switch (part.kind) {
    case 'one':
      return { characters: 1, bytes: bytesOf(part.set[0] ?? 0) };
    case 'many':
      return { characters: 0, bytes: 0 };
    case 'either': {
      const options = part.options.map(leastLength);
      return {
        characters: Math.min(...options.map(({ characters }) => characters)),
        bytes: Math.min(...options.map(({ bytes }) => bytes)),
      };
    }
  }
}

function bytesOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
