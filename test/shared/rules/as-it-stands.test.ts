import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadCases } from '../../../shared/rules-test/load.ts';
import { mistakes, validRules } from '../../support/rules-file.ts';

const caseText = (name: string) => readFileSync(`test/fixtures/cases/rules/${name}`, 'utf8');
const tagged = (tags: string) =>
  `version: 1\nlimits: { maxRetention: 10y }\nobjects:\n  - { name: r, match: { bucket: b-x, tags: ${tags} }, retain: 7y }\n`;

describe('scalars that YAML reads as something else than text', () => {
  test.each([
    '2026',
    '007',
    '1e3',
    '0x1F',
    '1_000',
    'null',
    '~',
    'true',
    '.inf',
    '2026-11-28',
    '012345678901234567890',
  ])('a tag named %s keeps its name', (name) => {
    const [rule] = validRules(tagged(`{ ${name}: x }`)).objects;
    expect([...(rule?.match.tags.keys() ?? [])]).toEqual([name]);
  });

  test('the case file of a tag whose name is a number', () => {
    const [rule] = validRules(caseText('numkey-tag.yaml')).objects;
    expect([...(rule?.match.tags.keys() ?? [])]).toEqual(['2026']);
  });

  test.each([
    '012345678901',
    '007',
    '1e3',
    '0x1F',
    '0o17',
    'true',
    'null',
    '~',
    '.inf',
    '123456789012345678901',
    '1.50',
  ])('a tag value %s is refused, quoted as it stands', (value) => {
    expect(mistakes(tagged(`{ account: ${value} }`))).toEqual([
      expect.stringContaining(`found ${value} (quote it: "${value}")`),
    ]);
  });

  test('the case file of an account number', () => {
    expect(mistakes(caseText('account-number-tag.yaml'))).toEqual([
      expect.stringContaining('found 012345678901 (quote it: "012345678901")'),
    ]);
  });

  test.each(['1_000', 'yes', '2026-11-28', '12:30'])('a tag value %s is text for YAML 1.2', (value) => {
    const [rule] = validRules(tagged(`{ account: ${value} }`)).objects;
    expect(rule?.match.tags.get('account')?.globs).toEqual([value]);
  });

  test('a key is there twice when its text is, quoted or not', () => {
    expect(mistakes(tagged('{ 2026: x, "2026": y }'))).toEqual([
      expect.stringContaining('this key is there twice; keep one'),
    ]);
  });
});

describe('rules in a .json file are JSON', () => {
  const json = (tail: string) =>
    `{ "version": 1, "limits": { "maxRetention": "10y" },\n "objects": [{ "name": "a", "match": { "bucket": "b-x" }, "retain": "1y" }${tail}`;
  test.each([
    ['a comma after the last of a list', json(',] }'), '2:75 JSON takes no comma'],
    ['a comma after the last of a map', json('], }'), '2:76 JSON takes no comma'],
    ['a comment', json('] }\n# end'), '3:1 JSON has no comments'],
    ['single quotes', json("], 'audit': 1 }"), '2:78 JSON has texts in double quotes'],
    ['a key twice', json('], "version": 1 }'), '2:78 this key is there twice'],
    ['block style', 'version: 1\n', '1:1 '],
    ['an anchor', json('], "audit": &a "x" }'), 'JSON has no anchors'],
    ['a number that JSON does not have', '{ "version": +1 }', '1:'],
  ])('%s is refused', (_name, text, message) => {
    expect(mistakes(text, 'rules.json')[0]).toContain(message);
  });

  test('the case file', () => {
    expect(mistakes(caseText('json-trailing.json'), 'rules.json')).toEqual([
      expect.stringMatching(/^rules\.json:1:119 JSON takes no comma before a closing bracket; remove it$/),
    ]);
  });

  test('and are read', () => {
    expect(mistakes(json('] }'), 'rules.json')).toEqual([]);
  });
});

describe('what would cost the parser its stack or minutes', () => {
  const manyAliases = `a: &a x\nb: [${Array(8000).fill('*a').join(',')}]`;
  test.each([
    ['brackets', '['.repeat(5000), 'nested too deeply'],
    ['closed brackets', '['.repeat(5000) + ']'.repeat(5000), 'nested too deeply'],
    ['maps', '{a: '.repeat(5000), 'nested too deeply'],
    ['dashes on one line', '- '.repeat(5000), 'nested too deeply'],
    ['aliases', manyAliases, 'expected at most 100 uses of aliases'],
    ['size', `a: "${'x'.repeat(3_000_000)}"`, 'at most 2097152 are read'],
  ])('%s: rules and tests', (_name, text, message) => {
    expect(mistakes(text)).toEqual([expect.stringContaining(message)]);
    const cases = loadCases(text, 'rules.test.yaml');
    expect(cases.ok ? [] : cases.problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test('brackets in a text are no nesting', () => {
    expect(mistakes(tagged(`{ t: "${'[a]'.repeat(50)}" }`))).toEqual([]);
  });
});
