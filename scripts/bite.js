import { readFileSync } from 'node:fs';
import { startVitest } from 'vitest/node';

/**
 * `npm run bite`: puts each known defect (defects.json) into the embedded OSS in turn and sees that the conformance suite
 * notices. The source on disk stays as it is: a plugin changes the text as the module is loaded. Exit code 1 when a defect goes
 * unnoticed, or when the suite fails without any.
 *
 * The first defects are those of which reference/real-clients.md, section 5, says that few or none of thirteen vendors' suites
 * would notice them.
 */
const defects = JSON.parse(readFileSync(new URL('defects.json', import.meta.url), 'utf8'));

/** Runs the suite, with a defect or without. Returns the names of the cases that passed and failed. */
async function run(defect) {
  const plugin = {
    name: 'defect',
    enforce: 'pre',
    transform: (code, id) =>
      defect && id.endsWith(`/${defect.file}`) ? code.replace(defect.find, () => defect.replace) : undefined,
  };
  const options = { watch: false, reporters: [{}], bail: 1, include: ['test/conformance/**/*.test.ts'] };
  const vitest = await startVitest('test', [], options, { plugins: [plugin] });
  const results = vitest.state.getFiles().flatMap(tests);
  await vitest.close();
  process.exitCode = 0; // a failing run has set it, and here a failure is what is wanted
  const named = (state) => results.filter((test) => test.result?.state === state).map((test) => test.name);
  return { passed: named('pass'), failed: named('fail') };
}

function tests(task) {
  return task.type === 'test' ? [task] : task.tasks.flatMap(tests);
}

const sound = await run(undefined);
if (sound.failed.length > 0 || sound.passed.length === 0) {
  console.log(`the suite fails without any defect: ${sound.failed.join(', ') || 'no case ran'}`);
  process.exit(1);
}
console.log(`no defect: ${sound.passed.length} cases pass`);

let noticed = 0;
for (const defect of defects) {
  const { failed } = await run(defect);
  if (failed.length > 0) noticed += 1;
  console.log(
    `${failed.length > 0 ? 'noticed  ' : 'UNNOTICED'}  ${defect.name}${failed[0] ? `: ${failed[0]}` : ''}`,
  );
}
console.log(`${noticed} of ${defects.length} defects noticed`);
process.exit(noticed === defects.length ? 0 : 1);
