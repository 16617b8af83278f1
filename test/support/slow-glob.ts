import type { Subject } from '../../shared/rules/pattern.ts';

/**
 * Says whether a glob matches, in the most literal way: it writes out all choices, then tries every length for every
 * star. It shares nothing with the compiler. It knows `*`, `**`, `?`, `[ab]`, `[!a-c]`, `{a,b}` and `\`.
 */
export function slowMatches(glob: string, name: string, subject: Subject): boolean {
  const characters = [...name];
  const globs = writtenOut(glob);
  if (globs === undefined)
    throw new Error(`${glob} stands for more than ${mostChoices} globs without braces`);
  return globs.some((tokens) => matchesHere(tokens, 0, characters, 0, subject, new Set()));
}

/** Tells whether the slow matcher can write out all choices of a glob: those of nested braces are multiplied. */
export const hasFewChoices = (glob: string): boolean => writtenOut(glob) !== undefined;

const mostChoices = 200;

type Token = string;

/** The globs without braces that a glob stands for, each as its tokens: `**`, `*`, `?`, `[…]`, `\x` or a character; undefined for too many. */
function writtenOut(glob: string): Token[][] | undefined {
  let open: Token[][] = [[]];
  const outer: { before: Token[][]; done: Token[][] }[] = [];
  for (const token of glob.match(tokenForm) ?? []) {
    const inner = outer.at(-1);
    if (token === '{') {
      outer.push({ before: open, done: [] });
      open = [[]];
    } else if (token === ',' && inner !== undefined) {
      inner.done.push(...open);
      open = [[]];
    } else if (token === '}' && inner !== undefined) {
      outer.pop();
      const choices = [...inner.done, ...open];
      if (inner.before.length * choices.length > mostChoices) return undefined;
      open = inner.before.flatMap((list) => choices.map((choice) => [...list, ...choice]));
    } else open = open.map((list) => [...list, token.startsWith('**') ? '**' : token]);
  }
  return open;
}

const tokenForm = /\*+|\\.|\[!?\]?[^\]]*\]|./gsu;

function matchesHere(
  tokens: readonly Token[],
  token: number,
  name: readonly string[],
  at: number,
  subject: Subject,
  tried: Set<string>,
): boolean {
  // What did not match from here does not match from here on another way either.
  const here = `${token} ${at}`;
  if (tried.has(here)) return false;
  tried.add(here);
  const now = tokens[token];
  if (now === undefined) return at === name.length;
  if (now === '**' && subject === 'key') {
    const alone = isSlash(tokens[token - 1] ?? '/') && isSlash(tokens[token + 1]);
    if (alone && matchesHere(tokens, token + 2, name, at, subject, tried)) return true;
  }
  if (now.startsWith('*')) {
    return lengths(now, name.slice(at), subject).some((length) =>
      matchesHere(tokens, token + 1, name, at + length, subject, tried),
    );
  }
  const character = name[at];
  return (
    character !== undefined &&
    takes(now, character, subject) &&
    matchesHere(tokens, token + 1, name, at + 1, subject, tried)
  );
}

/** How many characters of the rest a star may take. */
function lengths(star: Token, rest: readonly string[], subject: Subject): number[] {
  const slash = star === '*' && subject === 'key' ? rest.indexOf('/') : -1;
  return Array.from({ length: (slash === -1 ? rest.length : slash) + 1 }, (_, length) => length);
}

const isSlash = (token: Token | undefined): boolean => token === '/' || token === '\\/';

function takes(token: Token, character: string, subject: Subject): boolean {
  if (token === '?') return subject === 'text' || character !== '/';
  if (token.startsWith('\\')) return [...token][1] === character || token === character;
  if (!token.startsWith('[')) return token === character;
  const negated = token.startsWith('[!');
  const inside = [...token].slice(negated ? 2 : 1, -1);
  const point = (text: string | undefined) => text?.codePointAt(0) ?? 0;
  let found = false;
  for (let at = 0; at < inside.length; at += 1) {
    if (inside[at + 1] === '-' && at + 2 < inside.length) {
      found ||= point(inside[at]) <= point(character) && point(character) <= point(inside[at + 2]);
      at += 2;
    } else found ||= inside[at] === character;
  }
  if (!negated) return found;
  return !found && (subject === 'text' || character !== '/');
}
