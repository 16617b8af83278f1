import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folders = ['cli', 'functions', 'local', 'shared'];

/** A scheme in a template text, right before what is filled in. */
const written = /\bo[bs]s:\/\/\$\{/;

test('addresses are written by one module: no text has the scheme of one cloud before a name', () => {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  expect(files.filter((file) => written.test(readFileSync(file, 'utf8')))).toEqual([]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
  expect('`oss://${bucket}`').toMatch(written);
});
