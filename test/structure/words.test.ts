import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Turns of phrase that plain words have replaced, see docs/glossary.md. `mend` is a key of doctor's JSON too: only its use in a sentence counts. */
const replaced =
  /\b(mends|mended|mending|[Mm]end (a|an|it|that|the|what)|let go|lets go|gone through|speaks? of|spoken of)\b/;

const files = ['cli', 'docs', 'functions', 'local', 'scripts', 'shared'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js|md)$/.test(name))
    .map((name) => join(folder, name)),
);

it('no text or comment uses a turn of phrase that plain words have replaced', () => {
  expect(files.length).toBeGreaterThan(600);
  const found = [...files, 'README.md', 'CONTRIBUTING.md', 'SECURITY.md'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (replaced.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
