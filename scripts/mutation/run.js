import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * `node scripts/mutation/run.js WORD...`: runs Stryker over the groups of groups.json, one after the other, each with its own tests alone,
 * and prints the score of each file, what survived, and the sum of each part. A word is a part, a group, or a file, which is then
 * measured alone. Exit code 1 when the sum of a part is below what groups.json asks for.
 */
const folder = 'coverage/mutation';
const { least, groups } = JSON.parse(readFileSync(new URL('groups.json', import.meta.url), 'utf8'));
const words = process.argv.slice(2);

const isNamed = ({ part, name, mutate }) => words.some((word) => [part, name, ...mutate].includes(word));

/** Runs Stryker over one group. Returns its report. */
function measured({ name, mutate, tests }) {
  const named = mutate.filter((file) => words.includes(file));
  const report = `${folder}/${name}.json`;
  const config = {
    testRunner: 'in-process',
    plugins: [new URL('in-process.js', import.meta.url).pathname],
    holdfastTests: tests,
    warnings: { unknownOptions: false },
    mutate: named.length > 0 ? named : mutate,
    ignorePatterns: ['**', '!package.json', '!{cli,functions,local,shared,test}/**/*.{js,ts}'],
    disableTypeChecks: false,
    reporters: ['json'],
    jsonReporter: { fileName: report },
    tempDirName: `${folder}/tmp`,
    concurrency: 1,
    timeoutMS: 30_000,
  };
  const file = `${folder}/${name}.config.json`;
  writeFileSync(file, JSON.stringify(config));
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', file],
    { stdio: ['ignore', 2, 2], env: { ...process.env, TZ: 'Asia/Shanghai' } },
  );
  if (status !== 0) throw new Error(`Stryker has not measured ${name}`);
  return JSON.parse(readFileSync(report, 'utf8'));
}

const isCaught = ({ status }) => status === 'Killed' || status === 'Timeout';
const percent = ({ caught, all }) => (all === 0 ? 100 : (100 * caught) / all);
const line = (name, sum) => `${name}: ${sum.caught} of ${sum.all}, ${percent(sum).toFixed(1)} %`;

/** Says what was changed, in one line. */
function described(file, source, { location: { start, end }, replacement = '', status }) {
  const text = source.split('\n')[start.line - 1] ?? '';
  const changed =
    start.line === end.line
      ? text.slice(start.column - 1, end.column - 1)
      : `${text.slice(start.column - 1)}…`;
  return `  ${file}:${start.line}:${start.column} ${status}: ${changed}  =>  ${replacement.split('\n').join(' ')}`;
}

const sums = new Map();
mkdirSync(folder, { recursive: true });
for (const group of groups.filter((each) => words.length === 0 || isNamed(each))) {
  const start = performance.now();
  const report = measured(group);
  const sum = sums.get(group.part) ?? { caught: 0, all: 0 };
  for (const [file, { mutants, source }] of Object.entries(report.files)) {
    const caught = mutants.filter(isCaught).length;
    console.log(line(file, { caught, all: mutants.length }));
    for (const mutant of mutants.filter((each) => !isCaught(each)))
      console.log(described(file, source, mutant));
    sum.caught += caught;
    sum.all += mutants.length;
  }
  sums.set(group.part, sum);
  console.log(`(${group.name}: ${Math.round((performance.now() - start) / 1000)} s)`);
}
for (const [part, sum] of sums) {
  console.log(line(part, sum));
  if (percent(sum) < least[part]) process.exitCode = 1;
}
