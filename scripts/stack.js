// Puts the places of the source into a stack that a function has logged. The bundles are minified and bring no names.
//   node scripts/stack.js dist/object-created < stack.txt
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error(
    'usage: node scripts/stack.js FOLDER < STACK, where FOLDER is the function in dist/ of the version that ran',
  );
  process.exit(2);
}
if (!existsSync(join(folder, 'index.js.map'))) {
  console.error(`${folder} has no index.js.map: build the version that ran, with npm ci`);
  process.exit(1);
}
const maps = new Map();

/** @returns the map of a file of the bundle; undefined of any other file */
function mapOf(file) {
  if (!maps.has(file)) {
    const path = join(folder, `${file}.map`);
    maps.set(file, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined);
  }
  return maps.get(file);
}

const place = /[^\s()]*?([\w-]+\.js):(\d+):(\d+)/g;
const text = readFileSync(0, 'utf8');
const shown = text.replace(place, (whole, file, line, column) => {
  const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry?.originalSource === undefined) return whole;
  const source = entry.originalSource.replace(/^(\.\.\/)+/, '');
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
});
process.stdout.write(shown);
