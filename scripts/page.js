import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { licencesOf } from './licences.js';

/**
 * Builds a page from its folder (`page.html`, `page.css`, `main.ts`): script and style stand in it, so that it needs nothing
 * else, and it allows no other script than its own. A place for data stays open.
 */
export async function buildPage(source, file) {
  const { text: script, licences } = await bundle(`${source}/main.ts`);
  const style = await bundle(`${source}/page.css`);
  const filling = {
    '%SCRIPT_HASH%': `sha256-${createHash('sha256').update(script).digest('base64')}`,
    '<style></style>': `<style>${style.text}</style>`,
    '<script></script>': `<script>${script}</script>`,
    // Two hyphens would end the comment early.
    '%LICENCES%': licences.replace(/-(?=-)/g, '- '),
  };
  const page = await readFile(`${source}/page.html`, 'utf8');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    page.replace(/%SCRIPT_HASH%|%LICENCES%|<style><\/style>|<script><\/script>/g, (hole) => filling[hole]),
  );
}

async function bundle(entry) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    // The package's own choice for a module is Node's, with its Buffer.
    alias: { 'csv-stringify/sync': 'csv-stringify/browser/esm/sync' },
    target: 'es2022',
    logLevel: 'warning',
    // The page is UTF-8 and says so.
    charset: 'utf8',
  });
  return { text: outputFiles[0].text.trim(), licences: licencesOf(metafile) };
}
