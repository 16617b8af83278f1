import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** A doc comment is read in an editor, far from the code: a fragment that leans on the line below says nothing there. */
const fragment = /^(Of|The same|As|What|How|Where|Whether|With|When|That)\b/;

/** A function does something, so its comment begins with a verb, and not with the thing that it is about. */
const noun =
  /^(The|A|An|All|Every|Each|Several|One|Message and|Versions|Paths|Rules from|Connections|Test cases|Everything)\b/;
const isFunction = (line: string): boolean =>
  /^export (async )?function\b/.test(line) ||
  (/^export const \w+(: [^=]+)? =\s*(async )?(<[^>]*>)?\(/.test(line) && /=>|\($|\(\{$/.test(line));

interface DocComment {
  readonly place: string;
  readonly text: string;
  readonly next: string;
}

/** The doc comments of a file, each with the line behind it. */
function docCommentsOf(file: string, source: string): readonly DocComment[] {
  return [...source.matchAll(/^[ \t]*\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*([^\n]*)/gm)].map(
    ({ index, 1: body = '', 2: next = '' }) => ({
      place: `${file}:${source.slice(0, index).split('\n').length}`,
      text: body
        .replaceAll(/^\s*\*? ?/gm, '')
        .trim()
        .replaceAll(/\s+/g, ' '),
      next,
    }),
  );
}

/**
 * The lines of a file where a doc comment ends right above another one, or above nothing. A blank line between sets off that of the file.
 */
const strayIn = (file: string, source: string): readonly string[] =>
  [...source.matchAll(/\*\/[ \t]*(?:\n[ \t]*\/\*\*|\s*$(?![\s\S]))/g)].map(
    ({ index }) => `${file}:${source.slice(0, index).split('\n').length}`,
  );

const files = ['shared', 'cli', 'functions', 'local'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);
const comments = files.flatMap((file) => docCommentsOf(file, readFileSync(file, 'utf8')));
const told = (found: readonly DocComment[]) =>
  found.map(({ place, text }) => `${place} ${text.slice(0, 80)}`);

it('every doc comment can be read without the code around it', () => {
  expect(comments.length).toBeGreaterThan(1500);
  expect(told(comments.filter(({ text }) => fragment.test(text)))).toEqual([]);
});

it('the doc comment of an exported function begins with what it does', () => {
  const functions = comments.filter(({ next }) => isFunction(next));
  expect(functions.length).toBeGreaterThan(500);
  expect(told(functions.filter(({ text }) => noun.test(text)))).toEqual([]);
});

it('no doc comment stands above another one, or above nothing, where an editor shows it for nothing', () => {
  expect(files.flatMap((file) => strayIn(file, readFileSync(file, 'utf8')))).toEqual([]);
});

it('the checks would see a fragment and a stray comment', () => {
  const [comment] = docCommentsOf('a.ts', '/**\n * Of the\n * invocation.\n */\nexport function a() {}\n');
  expect(comment).toEqual({ place: 'a.ts:1', text: 'Of the invocation.', next: 'export function a() {}' });
  expect(
    fragment.test('Of the invocation.') && noun.test('The id.') && isFunction('export function a() {}'),
  ).toBe(true);
  const two = '/** Returns an a. */\n/** Returns a b. */\nexport const b = () => 1;\n';
  expect(strayIn('a.ts', two)).toEqual(['a.ts:1']);
});
