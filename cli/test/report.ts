import { type CaseResult, failuresOf, type TestRun } from '../../shared/rules-test/run.ts';
import { color, type Report, table } from '../terminal/output.ts';

interface Names {
  /** The file of the cases. */
  readonly file: string;
  readonly rulesFile: string;
  readonly requireCoverage: boolean;
}

/** Returns a run of test cases for people (a line a case, what differs below it) and for machines. */
export function testReport(run: TestRun, names: Names): Report {
  const failures = failuresOf(run);
  const { results, uncovered } = run;
  const ok = failures.length === 0 && !(names.requireCoverage && uncovered.length > 0);
  return {
    text: [
      ...results.flatMap((result) => caseLines(result, names.file)),
      '',
      ...coverageLines(run, names),
      countLine(run, failures.length),
    ].join('\n'),
    json: {
      ok,
      file: names.file,
      rulesFile: names.rulesFile,
      cases: results.map(caseJson),
      rules: { total: run.rules, uncovered },
    },
    exitCode: ok ? 0 : 1,
  };
}

function caseLines({ test, line, col, found, differences }: CaseResult, file: string): string[] {
  const name = oneLine(test.name);
  if (differences.length === 0) return [`${color.green('ok')}    ${name}`];
  const rows = differences.map(({ field, expected, found }) => [field, expected, found]);
  const details = [
    `${file}:${line}:${col}`,
    ...table(['', 'expected', 'found'], rows).split('\n'),
    ...(found.reason === '' ? [] : [`reason: ${found.reason}`]),
  ];
  return [`${color.red('FAIL')}  ${name}`, ...details.map((detail) => `      ${detail}`)];
}

function coverageLines({ uncovered }: TestRun, { rulesFile, requireCoverage }: Names): string[] {
  if (uncovered.length === 0) return [];
  const paint = requireCoverage ? color.red : color.yellow;
  return [`${paint('no case covers')} in ${rulesFile}: ${uncovered.join(', ')}`];
}

function countLine({ results, uncovered, rules }: TestRun, failed: number): string {
  const cases = `${results.length} case${results.length === 1 ? '' : 's'}`;
  const failures = failed === 0 ? 'none failed' : color.red(`${failed} failed`);
  return `${cases}, ${failures}; ${rules - uncovered.length} of ${rules} rule${rules === 1 ? '' : 's'} covered`;
}

function caseJson({ test, line, col, found, differences, seconds }: CaseResult) {
  const { covers, codes, ...decision } = found;
  return {
    name: test.name,
    line,
    col,
    ok: differences.length === 0,
    differences,
    found: { ...decision, code: codes },
    covers,
    seconds,
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
