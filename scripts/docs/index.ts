import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { iamPolicyFiles } from '../../shared/init/huawei/policy-files.ts';
import { newPage, pages, parts } from './parts.ts';
import { fill } from './sections.ts';

/** Writes a file where it differs, and says so. */
async function write(file: string, before: string, after: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (after !== before) await writeFile(file, after);
  console.log(`${after === before ? 'as it was' : 'written  '} ${file}`);
}

const textOf = async (file: string): Promise<string> =>
  existsSync(file) ? await readFile(file, 'utf8') : '';

/** `npm run docs` makes the generated parts of docs/ anew, and the policies in iam/. */
for (const page of pages) {
  const before = await textOf(page);
  const after = await fill(before === '' ? newPage(page) : before, parts);
  await write(page, before, after);
}
for (const [name, text] of iamPolicyFiles())
  await write(join('iam', name), await textOf(join('iam', name)), text);
