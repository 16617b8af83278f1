import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { licencesOf } from './scripts/licences.js';
import { buildReportPage } from './scripts/report-page.js';

const common = { bundle: true, platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning' };

const folders = await readdir('functions', { withFileTypes: true });
const functions = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
for (const name of functions) {
  const { metafile } = await build({
    ...common,
    entryPoints: [`functions/${name}/index.ts`],
    outfile: `dist/${name}/index.js`,
    format: 'cjs',
    minify: true,
    sourcesContent: false, // of the map: lines and names are what stack traces need, and it is read at each start
    keepNames: true,
    define: { 'import.meta.dirname': '__dirname' },
    metafile: true,
  });
  await writeFile(`dist/${name}/LICENCES.txt`, licencesOf(metafile));
  await copyFile('rules.yaml', `dist/${name}/rules.yaml`);
  // Here a package.json above says that .js is ESM; deployed, nothing would say anything.
  await writeFile(`dist/${name}/package.json`, '{ "type": "commonjs" }\n');
}

// The command line and the embedded cloud run from the checkout, where their packages are installed.
const here = { ...common, format: 'esm', packages: 'external' };
await build({
  ...here,
  entryPoints: {
    'local/chaos': 'local/chaos/index.ts',
    'local/demo': 'local/demo/index.ts',
    'local/instance': 'local/fc/instance-main.ts',
    'local/replay': 'local/replay/index.ts',
    'bench/index': 'bench/index.ts',
    'bench/oss': 'bench/oss.ts',
    'bench/scale': 'bench/scale.ts',
    'bench/fan-out': 'bench/fan-out.ts',
    'bench/protect': 'bench/protect.ts',
    'bench/protect-kills': 'bench/protect-kills.ts',
    'bench/server': 'bench/server.ts',
    'scripts/docs': 'scripts/docs/index.ts',
    'scripts/fuzz': 'scripts/fuzz/index.ts',
  },
  outdir: 'dist',
});

// Split, so that a command loads only what it needs and `--help` loads next to nothing. What an earlier build has
// left goes last, so that a command that runs meanwhile finds all its parts.
const { metafile } = await build({
  ...here,
  entryPoints: ['cli/holdfast.ts'],
  outdir: 'dist/cli',
  splitting: true,
  chunkNames: '[name]-[hash]',
  metafile: true,
});
for (const name of await readdir('dist/cli')) {
  if (!(`dist/cli/${name}` in metafile.outputs)) await rm(`dist/cli/${name}`, { force: true });
}

await buildReportPage('dist/report-page/page.html');
