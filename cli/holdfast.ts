#!/usr/bin/env node
import { version } from '../package.json';

const words = process.argv.slice(2);
const [first] = words;

// Asked for by scripts before each use: answered before anything else is loaded.
if (words.length === 1 && (first === '--version' || first === '-V')) console.log(version);
else await (await import('./program.ts')).main(words);
