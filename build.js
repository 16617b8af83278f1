import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { licencesOf } from './scripts/licences.js';
import { buildPage } from './scripts/page.js';

const common = { bundle: true, platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning' };

// What reads rules from their text is a file of its own, which a function loads only when it needs it.
const loaderApart = {
  name: 'rules-loader apart',
  setup(bundling) {
    bundling.onResolve({ filter: /\/rules-loader\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './rules-loader.js', external: true } : undefined,
    );
  },
};

// pino loads what takes values out of its lines, which Holdfast does not use: its secrets are taken out of the whole line.
const withoutRedaction = {
  name: 'pino without redaction',
  setup(bundling) {
    bundling.onLoad({ filter: /\/@pinojs\/redact\/index\.js$/ }, () => ({
      contents: 'module.exports = () => { throw new Error("this log redacts no paths"); };',
    }));
  },
};

// The width of a text is asked for by every table, and mostly of ASCII, whose width needs no package (shared/terminal/width.ts).
// Expressions over all emoji take 15 ms to read, so the package is loaded by the first text that needs it.
const widthAtFirstUse = {
  name: 'string-width at its first use',
  setup(bundling) {
    bundling.onResolve({ filter: /^string-width$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'string-width', namespace: 'at-first-use' } : undefined,
    );
    bundling.onLoad({ filter: /^string-width$/, namespace: 'at-first-use' }, () => ({
      contents: "export default (text) => require('string-width').default(text);",
      resolveDir: import.meta.dirname,
    }));
  },
};

// Of the table of errors, a folder with a file for each area, a bundle has those that its code names, and what it loads: the others are of commands, and every start would read
// them. What names one and is not called is not in the code.
const errorsNamedIn = (code) => ({
  name: 'errors that are named',
  setup(bundling) {
    const named = new Set(Array.from(code.matchAll(/["'`]([A-Z_]+)["'`]/g), ([, name]) => name));
    bundling.onLoad({ filter: errorTable }, async ({ path }) => {
      const entries = /^ {2}([A-Z_]+): \{(?:[^\n]* \},$|$.*?^ {2}\},$)/gms;
      const table = await readFile(path, 'utf8');
      return {
        contents: table.replace(entries, (entry, name) => (named.has(name) ? entry : '')),
        loader: 'ts',
      };
    });
  },
});
const errorTable = /\/error-table\/[\w-]+\.ts$/;

const requireHere = createRequire(import.meta.url);

/**
 * Bundles one function for one platform.
 * @param entry the file in the function's folder that the platform calls
 * @param cloud the one that the function serves; its compiled rules are narrowed to it
 */
async function buildFunction(name, entry, outdir, cloud) {
  const options = {
    ...common,
    entryPoints: { index: `functions/${name}/${entry}`, 'rules-loader': 'functions/rules-loader.ts' },
    outdir,
    format: 'cjs',
    minify: true,
    mainFields: ['module', 'main'], // an ES module of a package costs no wrapper, which is parsed twice
    sourcesContent: false, // of the map: lines and names are what stack traces need, and it is read at each start
    define: { 'import.meta.dirname': '__dirname' },
    metafile: true,
  };
  const plugins = [loaderApart, withoutRedaction];
  const { outputFiles } = await build({
    ...options,
    plugins: [...plugins, errorsNamedIn('')], // whose own texts name codes too
    write: false,
  });
  const code = outputFiles.filter(({ path }) => path.endsWith('.js')).map(({ text }) => text);
  const { metafile } = await build({
    ...options,
    plugins: [...plugins, errorsNamedIn(code.join('\n'))],
  });
  // Here a package.json above says that .js is ESM; deployed, nothing would say anything.
  await writeFile(`${outdir}/package.json`, '{ "type": "commonjs" }\n');
  await writeFile(`${outdir}/LICENCES.txt`, licencesOf(metafile));
  await writeFile(`${outdir}/.fcignore`, '*.map\n.fcignore\n'); // as shared/deploy/code-package.ts says
  await copyFile('rules.yaml', `${outdir}/rules.yaml`);
  const { loadRules, writeCompiled } = requireHere(resolve(`${outdir}/rules-loader.js`));
  const rules = await readFile('rules.yaml', 'utf8');
  const loaded = loadRules(rules, 'rules.yaml', cloud);
  if (!loaded.ok) throw new Error(`rules.yaml: ${loaded.problems.map(({ message }) => message).join('; ')}`);
  await writeFile(`${outdir}/rules.compiled.json`, writeCompiled(loaded.rules, rules, cloud));
}

const folders = await readdir('functions', { withFileTypes: true });
const functions = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
for (const name of functions) {
  await buildFunction(name, 'index.ts', `dist/${name}`, 'oss');
  await buildFunction(name, 'huawei.ts', `dist/huawei/${name}`, 'obs');
}

// The command line and the embedded cloud run from the checkout, where their packages are installed. Most are bundled all
// the same: opening their hundreds of files takes most of the time of a short command.
const here = {
  ...common,
  format: 'esm',
  plugins: [widthAtFirstUse],
  external: ['lmdb', 'ali-oss'], // native code; and a tree of CommonJS, which only the demo, chaos and the benchmarks load
  // Packages that are CommonJS ask for what Node.js brings.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
};
const { metafile: programs } = await build({
  ...here,
  entryPoints: {
    'local/chaos': 'local/chaos/index.ts',
    'local/demo': 'local/demo/index.ts',
    'local/instance': 'local/fc/instance-main.ts',
    'local/instance-thread': 'local/fc/instance-thread.ts',
    'local/replay': 'local/replay/index.ts',
    'bench/index': 'bench/index.ts',
    'bench/bare-run': 'bench/bare-run.ts',
    'bench/inventory': 'bench/inventory.ts',
    'bench/oss': 'bench/oss.ts',
    'bench/scale': 'bench/scale.ts',
    'bench/fan-out': 'bench/fan-out.ts',
    'bench/protect': 'bench/protect.ts',
    'bench/protect-kills': 'bench/protect-kills.ts',
    'bench/server': 'bench/server.ts',
    'bench/empty-server': 'bench/empty-server.ts',
    'scripts/docs': 'scripts/docs/index.ts',
    'scripts/fuzz': 'scripts/fuzz/index.ts',
  },
  outdir: 'dist',
  metafile: true,
});

// Split, so that a command loads only what it needs and `--help` loads next to nothing. What an earlier build has
// left goes last, so that a command that runs meanwhile finds all its parts.
const { metafile } = await build({
  ...here,
  entryPoints: ['cli/holdfast.ts', 'cli/program.ts'],
  outdir: 'dist/cli',
  splitting: true,
  chunkNames: '[name]-[hash]',
  minifyWhitespace: true, // V8 keeps the source in memory, twice as large where a comment has a letter beyond Latin-1
  metafile: true,
});
for (const name of await readdir('dist/cli')) {
  if (!(`dist/cli/${name}` in metafile.outputs)) await rm(`dist/cli/${name}`, { force: true });
}
// The packed project (`files` in package.json) brings these bundles and no packages, so the licences go with them.
const instances = ['dist/local/instance.js', 'dist/local/instance-thread.js'];
const outputs = {
  ...metafile.outputs,
  ...Object.fromEntries(instances.map((path) => [path, programs.outputs[path]])),
};
await writeFile('dist/cli/LICENCES.txt', licencesOf({ outputs }));

await buildPage('cli/report-page', 'dist/report-page/page.html');
await buildPage('local/console', 'dist/console/page.html');
