// Prints the ten test files that took longest, from a report of vitest's JSON reporter.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const seconds = ({ startTime, endTime }) => (endTime - startTime) / 1000;
const slowest = testResults.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, 10);
console.log('the ten slowest files, in seconds:');
for (const file of slowest) {
  console.log(`${seconds(file).toFixed(1).padStart(7)}  ${relative('.', file.name)}`);
}
