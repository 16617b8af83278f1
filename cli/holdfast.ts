#!/usr/bin/env node
import { version } from '../package.json';

const words = process.argv.slice(2);
const [first = ''] = words;

// Asked for by scripts before each use: answered before anything else is loaded.
if (words.length === 1 && ['--version', '-V', 'version'].includes(first)) console.log(version);
else {
  // Colours are chosen while modules are loaded, so this comes before any other.
  if (words.includes('--no-color')) process.env['NO_COLOR'] = '1';
  await (await import('./program.ts')).main(words);
}
