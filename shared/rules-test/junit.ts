import { XMLBuilder } from 'fast-xml-parser';
import type { CaseResult, TestRun } from './run.ts';

/** This is what a report for CI systems says beside the cases. */
export interface JunitOptions {
  /** The file of the cases. */
  readonly file: string;
  /** Tells whether a rule without a case counts as a failure. */
  readonly requireCoverage: boolean;
}

/** A case, or a rule that is to have one. */
interface Entry {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly failure?: { readonly message: string; readonly type: string; readonly text: string };
}

const builder = new XMLBuilder({
  format: true,
  indentBy: '  ',
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
});

/**
 * Returns a run as JUnit XML: what Ant's reports have and every reader of them takes (testsuites, testsuite,
 * testcase, failure; names, counts, seconds), nothing that one of the usual schemas refuses.
 */
export function junitXml(run: TestRun, options: JunitOptions): string {
  const missing = options.requireCoverage ? run.uncovered : [];
  const entries = [
    ...run.results.map((result) => caseEntry(result, options.file)),
    ...missing.map((rule) => ruleEntry(rule, options.file)),
  ];
  const counts = {
    '@name': plain(options.file),
    '@tests': entries.length,
    '@failures': entries.filter(({ failure }) => failure !== undefined).length,
    '@errors': 0,
    '@time': seconds(entries.reduce((sum, entry) => sum + entry.seconds, 0)),
  };
  const testsuite = { ...counts, '@skipped': 0, testcase: entries.map(testcase) };
  const document = { testsuites: { ...counts, testsuite } };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document)}`;
}

function caseEntry({ test, line, col, found, differences, seconds }: CaseResult, file: string): Entry {
  const entry = { suite: file, name: test.name, seconds };
  const [first] = differences;
  if (first === undefined) return entry;
  const lines = differences.map(
    ({ field, expected, found }) => `${field}: expected ${expected}, found ${found}`,
  );
  const message = lines[0] ?? '';
  const text = [`${file}:${line}:${col}`, ...lines, `reason: ${found.reason}`].join('\n');
  return { ...entry, failure: { message, type: first.field, text } };
}

function ruleEntry(rule: string, file: string): Entry {
  const message = `no case covers rule ${rule}`;
  const failure = { message, type: 'coverage', text: `add a case to ${file} that rule ${rule} decides` };
  return { suite: file, name: `rule ${rule} is covered`, seconds: 0, failure };
}

function testcase({ suite, name, seconds: taken, failure }: Entry) {
  return {
    '@name': plain(name),
    '@classname': plain(suite),
    '@time': seconds(taken),
    ...(failure && {
      failure: {
        '@message': plain(failure.message),
        '@type': failure.type,
        '#text': allowed(failure.text),
      },
    }),
  };
}

const seconds = (count: number): string => count.toFixed(3);

/** One line: an attribute keeps no line breaks. */
const plain = (text: string): string => allowed(text).replace(/\s+/g, ' ');

/** Leaves out the characters that XML 1.0 cannot hold, not even as references (section 2.2). */
const allowed = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
