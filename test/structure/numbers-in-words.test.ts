import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure } from '../../shared/platform/errors.ts';

const sources = ['cli', 'functions', 'local', 'shared'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

it('no text leaves it to its reader whether a word is in the plural', () => {
  expect(sources.length).toBeGreaterThan(500);
  const found = sources.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /\w\(e?s\)(?!\w)/.test(withoutComment(line)) ? [`${file}:${index + 1}`] : [],
      ),
  );
  expect(found).toEqual([]);
});

it('no text has its noun in the plural whatever the number before it is', () => {
  const found = sources
    .filter((file) => !file.startsWith('local/chaos/'))
    .flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /\$\{([^}]*)\} (?:attempts|days|minutes|runs|times|years)\b(?! (?:are|and)\b)/g,
        ),
      ]
        .filter(
          ([, value = '']) => !/^(most|max|limit)|toFixed|Math\.floor|^needed$|^each\.days$/.test(value),
        )
        .map(([text]) => `${file}: ${text}`),
    );
  expect(found).toEqual([]);
});

/** Code calls functions with an argument `s`; texts stand between quotes. */
const withoutComment = (line: string): string =>
  /^\s*(\/?\*|\/\/)/.test(line) ? '' : (line.match(/'[^']*'|"[^"]*"|`[^`]*`?|^[^`]*`/g) ?? []).join(' ');

it.each([
  [1, 1, '1 of 1 bucket needs attention'],
  [1, 3, '1 of 3 buckets needs attention'],
  [2, 3, '2 of 3 buckets need attention'],
])('an error about %i of %i counts in words', (failed, total, says) => {
  expect(failure('RUN_FAILED', { failed, total, failures: 'x' }).message).toContain(says);
});
