import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const files = ['cli', 'functions', 'local', 'shared'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

/** The text from an opening bracket to the one that closes it. */
function enclosed(source: string, open: number): string {
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    if ('({'.includes(source.charAt(at))) depth += 1;
    if (')}'.includes(source.charAt(at))) depth -= 1;
    if (depth === 0) return source.slice(open, at + 1);
  }
  return source.slice(open);
}

/** What has an error in its hands: a catch clause, the handler of a promise, and a function that takes an error and codes it. */
const hasError = [
  /\bcatch \(\w+[^)]*\) \{/g,
  /\.catch\((?=(async )?\(\w)/g,
  /\b(?:error|cause): (?:unknown|Error)\b(?:,[^()]*)?\)(?:: [^=\n]*)?(?: =>)?\s*\{/g,
];

/** Literals of regular expressions, which may hold one bracket of two. */
const regExps = /(?<=[(,=:!&|?\s])\/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;

/** The coded errors of a source that forget the error which led to them. */
function forgetful(text: string): readonly string[] {
  const source = text.replaceAll(regExps, 'regExp');
  return hasError
    .flatMap((pattern) => [...source.matchAll(pattern)])
    .map(({ index, 0: head }) => enclosed(source, index + head.length - 1))
    .flatMap((block) =>
      [...block.matchAll(/(?<!\.)\bfailure(?=\(\s*(?:'|code\b))/g)].map(({ index }) =>
        enclosed(block, index + 'failure'.length),
      ),
    )
    .filter((call) => !/\b(cause|options)\b/.test(call));
}

it('an error that comes from another one keeps it as its cause', () => {
  expect(
    files.flatMap((file) => forgetful(readFileSync(file, 'utf8')).map((call) => `${file}: ${call}`)),
  ).toEqual([]);
});

it.each([
  "try { a() } catch (cause) { throw failure('USAGE', { reason: f(1) }); }",
  "await a().catch((cause: Error) => { throw failure('USAGE', { reason }); })",
  "function coded(error: unknown, about: About): HoldfastError {\n  return failure('USAGE', { reason });\n}",
])('is found where it does not: %s', (source) => {
  expect(forgetful(source)).not.toEqual([]);
  expect(forgetful(source.replace('});', '}, { cause });'))).toEqual([]);
});
