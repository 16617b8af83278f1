import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const source = 'cli/report-page';

/**
 * Builds the page of `holdfast report`: script and style stand in it, so that it needs nothing else, and it allows no
 * other script than its own. The place for the data stays open.
 */
export async function buildReportPage(file) {
  const script = await bundle(`${source}/main.ts`);
  const filling = {
    '%SCRIPT_HASH%': `sha256-${createHash('sha256').update(script).digest('base64')}`,
    '<style></style>': `<style>${await bundle(`${source}/page.css`)}</style>`,
    '<script></script>': `<script>${script}</script>`,
  };
  const page = await readFile(`${source}/page.html`, 'utf8');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    page.replace(/%SCRIPT_HASH%|<style><\/style>|<script><\/script>/g, (hole) => filling[hole]),
  );
}

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
    // The page is UTF-8 and says so.
    charset: 'utf8',
  });
  return outputFiles[0].text.trim();
}
