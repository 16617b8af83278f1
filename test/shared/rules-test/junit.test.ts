import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { junitXml } from '../../../shared/rules-test/junit.ts';
import type { TestRun } from '../../../shared/rules-test/run.ts';

const found = { action: 'protect', others: [], warnings: [], codes: [], covers: ['finance'] } as const;

function runOf(name: string, reason: string): TestRun {
  const test = {
    kind: 'bucket',
    name,
    now: new Date(0),
    bucket: 'b',
    policy: undefined,
    expect: { action: 'lock', codes: [] },
  } as const;
  const common = { test, line: 4, col: 5, found: { ...found, reason }, seconds: 0.25 };
  return {
    results: [
      { ...common, differences: [] },
      { ...common, differences: [{ field: 'action', expected: 'lock', found: 'protect' }] },
    ],
    uncovered: ['logs'],
    rules: 2,
  };
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
});

test('names every case with its time, what failed and where, and the sums', () => {
  const xml = junitXml(runOf('a <b> & "c"', 'why'), { file: 'rules.test.yaml', requireCoverage: false });
  const sums = { name: 'rules.test.yaml', tests: '2', failures: '1', errors: '0', time: '0.500' };
  const named = { name: 'a <b> & "c"', classname: 'rules.test.yaml', time: '0.250' };
  expect(parser.parse(xml)).toMatchObject({
    testsuites: {
      ...sums,
      testsuite: {
        ...sums,
        skipped: '0',
        testcase: [
          named,
          {
            ...named,
            failure: {
              message: 'action: expected lock, found protect',
              type: 'action',
              '#text': 'rules.test.yaml:4:5\naction: expected lock, found protect\nreason: why',
            },
          },
        ],
      },
    },
  });
});

test('makes a failed case of a rule without one when every rule must have one', () => {
  const options = { file: 'rules.test.yaml', requireCoverage: true };
  const { testsuites } = parser.parse(junitXml(runOf('a', ''), options));
  expect(testsuites).toMatchObject({ tests: '3', failures: '2' });
  expect(testsuites.testsuite.testcase[2]).toMatchObject({
    name: 'rule logs is covered',
    failure: { message: 'no case covers rule logs' },
  });
});

test('is well-formed whatever the names are, and holds no character that XML forbids', () => {
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\0', '\u001b', '\ud800', '\uffff', ']]>', '\n', 'é') }),
  );
  fc.assert(
    fc.property(any, any, (name, reason) => {
      const xml = junitXml(runOf(name, reason), { file: name, requireCoverage: true });
      expect(XMLValidator.validate(xml)).toBe(true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
      expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      expect(Buffer.from(xml).toString()).toBe(xml); // half a surrogate pair would not come back
    }),
    { numRuns: 200 },
  );
});
