import { readFile, writeFile } from 'node:fs/promises';
import { pages, parts } from './parts.ts';
import { fill } from './sections.ts';

/** `npm run docs`: makes the generated parts of docs/ anew. */
for (const page of pages) {
  const before = await readFile(page, 'utf8');
  const after = await fill(before, parts);
  if (after !== before) await writeFile(page, after);
  console.log(`${after === before ? 'as it was' : 'written  '} ${page}`);
}
