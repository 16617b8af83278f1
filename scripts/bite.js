import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';

/**
 * `npm run bite [words]`: puts each known defect in, one after the other, and sees that tests notice it: those of
 * defects.json into the embedded OSS, before the conformance suite, and those of product-defects.json into the product, before
 * the test files that the defect names. The source on disk stays as it is: a plugin changes the text as the module is loaded;
 * where a defect has to be in the built bundles, a copy of the project is built. With words only defects are put in whose name
 * has them. Exit code 1 when a defect goes unnoticed, or when the tests fail without any.
 *
 * The first defects are those of which reference/real-clients.md, section 5, says that few or none of thirteen vendors' suites
 * would notice them.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const conformance = ['test/conformance/**/*.test.ts'];
const words = process.argv.slice(2).join(' ');
const defects = [
  ...read('defects.json').map((defect) => ({ ...defect, tests: conformance })),
  ...read('product-defects.json'),
].filter(({ name }) => name.includes(words));

/** Runs test files, with a defect or without. Returns the names of the cases that passed and failed. */
async function run(include, defect) {
  const plugin = {
    name: 'defect',
    enforce: 'pre',
    transform: (code, id) =>
      defect && id.endsWith(`/${defect.file}`) ? code.replace(defect.find, () => defect.replace) : undefined,
  };
  const options = { watch: false, reporters: [{}], bail: 1, include, maxWorkers: 1 };
  const vitest = await startVitest('test', [], options, { plugins: [plugin] });
  const results = vitest.state.getFiles().flatMap(tests);
  const broken = vitest.state.getFiles().filter(({ result }) => result?.errors?.length > 0);
  await vitest.close();
  process.exitCode = 0; // a failing run has set it, and here a failure is what is wanted
  const named = (state) => results.filter((test) => test.result?.state === state).map((test) => test.name);
  return { passed: named('pass'), failed: [...named('fail'), ...broken.map(({ name }) => name)] };
}

function tests(task) {
  return task.type === 'test' ? [task] : task.tasks.flatMap(tests);
}

/** Builds a copy of the project with the defect in it, and runs the test files there. */
function runBuilt(include, defect) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bite-'));
  const left = new Set(['node_modules', 'dist', 'coverage', '.git', '.holdfast']);
  try {
    cpSync(root, folder, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const call = (...args) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const only = defect.only === undefined ? [] : ['-t', defect.only];
    const options = ['--bail=1', '--maxWorkers=1', '--reporter=json', ...only];
    const failures = () => {
      const built = call('build.js');
      if (built.status !== 0) throw new Error(`the copy cannot be built: ${built.stderr}`);
      const { status, stdout } = call(
        join('node_modules', 'vitest', 'vitest.mjs'),
        'run',
        ...options,
        ...include,
      );
      const { testResults = [] } = JSON.parse(stdout.slice(stdout.indexOf('{')));
      const cases = testResults.flatMap(({ assertionResults }) => assertionResults);
      const failed = cases.filter((each) => each.status === 'failed').map(({ title }) => title);
      return status !== 0 && failed.length === 0 ? ['the run itself'] : failed;
    };
    const before = failures();
    if (before.length > 0) throw new Error(`the copy fails without the defect: ${before.join(', ')}`);
    const file = join(folder, defect.file);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(defect.find, () => defect.replace),
    );
    return { failed: failures() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const everything = [...new Set(defects.flatMap(({ tests: include }) => include))];
const sound = await run(everything);
if (sound.failed.length > 0 || sound.passed.length === 0) {
  console.log(`the tests fail without any defect: ${sound.failed.join(', ') || 'no case ran'}`);
  process.exit(1);
}
console.log(`no defect: ${sound.passed.length} cases pass`);

let noticed = 0;
for (const defect of defects) {
  const { failed } = defect.built === true ? runBuilt(defect.tests, defect) : await run(defect.tests, defect);
  if (failed.length > 0) noticed += 1;
  console.log(
    `${failed.length > 0 ? 'noticed  ' : 'UNNOTICED'}  ${defect.name}${failed[0] ? `: ${failed[0]}` : ''}`,
  );
}
console.log(`${noticed} of ${defects.length} defects noticed`);
process.exit(noticed === defects.length ? 0 : 1);
