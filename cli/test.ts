import { basename, dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import type { CloudName } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { failure } from '../shared/platform/errors.ts';
import { narrowRules } from '../shared/rules/narrow.ts';
import { formatProblem } from '../shared/rules/problem.ts';
import { writtenRulesFrom } from '../shared/rules/read.ts';
import type { Rules } from '../shared/rules/types.ts';
import { testJsonSchema } from '../shared/rules-test/json-schema.ts';
import { junitXml } from '../shared/rules-test/junit.ts';
import { loadCases, type PlacedCase } from '../shared/rules-test/load.ts';
import { runCases } from '../shared/rules-test/run.ts';
import { checkBesideJson, showBeside } from './files/beside-file.ts';
import { checkReplaceable, replaceFile } from './files/replace-file.ts';
import { runOnChange } from './files/run-on-change.ts';
import { defaultRules } from './options/cloud-options.ts';
import { readRulesInput, readText } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import { onInterrupt } from './terminal/interrupt.ts';
import { remark, showError } from './terminal/output.ts';
import { testReport } from './test/report.ts';

interface Options {
  readonly json?: boolean;
  readonly rules: string;
  readonly junit?: string;
  readonly requireCoverage?: boolean;
  readonly printSchema?: boolean;
  readonly watch?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[file]', 'file of test cases (default: rules.test.yaml beside rules.yaml, and so on)')
    .option('--rules <file>', 'rules file to test (HOLDFAST_RULES)', defaultRules())
    .option('--junit <file>', 'write the result as JUnit XML as well, for CI systems; - is standard output')
    .option('--require-coverage', 'fail when a rule is covered by no case')
    .addOption(
      new Option(
        '--watch',
        'run again when the rules file or the file of cases changes, until Ctrl-C',
      ).conflicts(['json', 'printSchema']),
    )
    .option('--print-schema', 'print the JSON Schema of files of test cases, for editors')
    .addHelpText('after', '\nNothing is asked of the cloud. docs/rules-tests.md shows how to write cases.')
    .action(async (file: string | undefined, options: Options) => {
      if (options.printSchema === true) process.stdout.write(testJsonSchema());
      else await (options.watch === true ? watch : test)(file ?? casesBeside(options.rules), options);
    });
}

/** Tests until Ctrl-C. A file with mistakes shows them and ends nothing: its next change may correct it. */
async function watch(file: string, options: Options): Promise<void> {
  const files = [options.rules, file];
  if (files.includes('-')) throw usage('standard input cannot be watched');
  const stopped = new Promise<void>((resolve) => onInterrupt(resolve));
  const run = async () => {
    await test(file, options).catch((error: unknown) => showError(error, false));
    remark(`waiting for a change of ${files.join(' or ')}; Ctrl-C ends it`);
  };
  await runOnChange(files, run, stopped);
  process.exitCode = 0;
}

async function test(file: string, options: Options): Promise<void> {
  const { rules: rulesFile, junit, requireCoverage = false } = options;
  if (junit !== undefined) {
    await checkBesideJson('--junit', junit, options);
    await checkReplaceable(junit);
  }
  const written = writtenRulesFrom(await readRulesInput(rulesFile), rulesFile);
  const rulesIn = (cloud: CloudName): Rules => narrowRules(written, cloud).rules;
  const cases = readCases(await readText(file), file);
  const run = runCases(rulesIn, cases, systemClock);
  if (junit !== undefined) await replaceFile(junit, junitXml(run, { file, requireCoverage }));
  await showBeside(junit, testReport(run, { file, rulesFile, requireCoverage }), options);
}

/** `rules.yaml` has its cases in `rules.test.yaml`. */
function casesBeside(rulesFile: string): string {
  const [, name = rulesFile, ending = ''] = /^(.*?)(\.[^.]*)?$/.exec(basename(rulesFile)) ?? [];
  return join(dirname(rulesFile), `${name}.test${ending}`);
}

/** @throws TESTS_INVALID with all mistakes, one a line */
function readCases(text: string, file: string): readonly PlacedCase[] {
  const loaded = loadCases(text, file);
  if (loaded.ok) return loaded.cases;
  const problems = loaded.problems.map((problem) => formatProblem(file, problem)).join('\n');
  throw failure('TESTS_INVALID', { count: loaded.problems.length, file, problems });
}
