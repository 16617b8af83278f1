import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newPage, pages, parts } from './parts.ts';
import { fill } from './sections.ts';

/** `npm run docs` makes the generated parts of docs/ anew. */
for (const page of pages) {
  const before = existsSync(page) ? await readFile(page, 'utf8') : '';
  const after = await fill(before === '' ? newPage(page) : before, parts);
  await mkdir(dirname(page), { recursive: true });
  if (after !== before) await writeFile(page, after);
  console.log(`${after === before ? 'as it was' : 'written  '} ${page}`);
}
