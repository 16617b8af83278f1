import { describe, expect, test } from 'vitest';
import { mistakes, validRules } from '../../support/rules-file.ts';

const valid = `version: 1
limits: { maxRetention: 10y }
objects:
  - name: all
    match: { bucket: data }
    retain: 1y
`;

describe('reads', () => {
  test('YAML', () => {
    expect(validRules(valid).objects[0]?.name).toBe('all');
  });

  test('JSON, with tabs and a $schema', () => {
    const rule = { name: 'all', match: { bucket: 'data' }, retain: '1y' };
    const file = {
      $schema: './rules.schema.json',
      version: 1,
      limits: { maxRetention: '10y' },
      objects: [rule],
    };
    const text = JSON.stringify(file, null, '\t');
    expect(validRules(text, 'rules.json').objects[0]?.name).toBe('all');
    expect(validRules(text, 'rules.yaml').objects[0]?.name).toBe('all');
  });

  test('a byte order mark and Windows line ends', () => {
    expect(validRules(`\uFEFF${valid.replaceAll('\n', '\r\n')}`).objects[0]?.name).toBe('all');
    const broken = valid.replace('retain', 'retian').replaceAll('\n', '\r\n');
    expect(mistakes(`\uFEFF${broken}`)).toEqual([
      'rules.yaml:6:5 unknown key "retian" (did you mean "retain"?)',
    ]);
  });

  test('anchors, aliases and merge keys', () => {
    const text = `version: 1
limits: { maxRetention: &cap 10y }
objects:
  - &base
    name: one
    match: { bucket: data }
    retain: *cap
  - <<: *base
    name: two
`;
    expect(validRules(text).objects.map(({ name }) => name)).toEqual(['one', 'two']);
  });
});

describe('places a mistake', () => {
  test('in a value that came by an alias at the anchor, in one that came by a merge at the rule', () => {
    const text = `version: 1
limits: { maxRetention: 10y }
objects:
  - &base
    name: one
    match: &match { bucket: data, kye: x }
    retain: soon
  - name: two
    match: *match
    retain: 1y
  - <<: *base
    name: three
`;
    expect(mistakes(text)).toEqual([
      'rules.yaml:6:35 unknown key "kye" (did you mean "key"?)',
      expect.stringContaining('rules.yaml:7:13 expected a number and a unit'),
      expect.stringContaining('rules.yaml:11:5 unknown key "kye"'),
      expect.stringContaining('rules.yaml:11:5 expected a number and a unit'),
    ]);
  });

  test('in an absent value at its key', () => {
    expect(mistakes(valid.replace('retain: 1y', 'retain:'))).toEqual([
      expect.stringMatching(/^rules\.yaml:6:5 expected a duration .*, found nothing$/),
    ]);
  });
});

describe('refuses', () => {
  test.each([
    ['an empty file', '', '1:1 the file is empty; the smallest one is {version: 1'],
    ['a file of comments', '# nothing\n', '1:1 the file is empty'],
    [
      'a null',
      'null\n',
      '1:1 expected a map with version, limits, and rules under objects or buckets, found nothing',
    ],
    [
      'a text',
      'hello\n',
      '1:1 expected a map with version, limits, and rules under objects or buckets, found "hello"',
    ],
    [
      'a list',
      '- a\n',
      '1:1 expected a map with version, limits, and rules under objects or buckets, found a list',
    ],
    [
      'several documents',
      `${valid}---\n${valid}`,
      '7:1 expected one document, found a second one after "---"',
    ],
    ['tabs', valid.replace('    retain', '\tretain'), '6:1 indent with spaces, not with tabs'],
    [
      'an open quote',
      valid.replace('1y', '"1y'),
      '7:1 a closing quote, a comma or a "-" is missing here or above',
    ],
    [
      'an open bracket',
      valid.replace('data }', 'data'),
      '6:5 the indentation does not fit, or a bracket above is not closed',
    ],
    [
      'wrong indentation',
      valid.replace('    retain', '   retain'),
      '6:1 a closing quote, a comma or a "-" is missing here or above',
    ],
    [
      'a missing comma',
      valid.replace('data }', 'data key: x }'),
      '5:22 a comma or a closing bracket is missing',
    ],
    ['a bare *', valid.replace('data', '*'), '5:22 quote a text that starts with "*"'],
    [
      'an unquoted *',
      valid.replace('data', '*-records'),
      '5:22 quote a text that starts with "*": "*-records"',
    ],
    ['an unquoted !', valid.replace('data', '!tmp'), '5:22 quote a text that starts with "!": "!tmp"'],
    ['an unquoted @', valid.replace('data', '@x'), '5:22 quote a text that starts with this character'],
    [
      'a list as a key',
      valid.replace('1y', '{ [a]: 1 }'),
      '6:15 expected a plain key, found a list or a map',
    ],
    [
      'the key __proto__',
      valid.replace('1y', '{ __proto__: 1 }'),
      '6:15 expected a key other than "__proto__"',
    ],
  ])('%s', (_, text, message) => {
    expect(mistakes(text)).toEqual([expect.stringContaining(`rules.yaml:${message}`)]);
  });

  test('every duplicate key, and reports the other mistakes too', () => {
    const text = `version: 1
limits: { maxRetention: 10y, maxRetention: 11y }
objects:
  - name: all
    match: { bucket: a, bucket: b, bucket: c }
    retain: 1 year
version: 1
`;
    expect(mistakes(text)).toEqual([
      'rules.yaml:2:30 this key is there twice; keep one',
      'rules.yaml:5:25 this key is there twice; keep one',
      'rules.yaml:5:36 this key is there twice; keep one',
      expect.stringContaining('rules.yaml:6:13 expected a number and a unit'),
      'rules.yaml:7:1 this key is there twice; keep one',
    ]);
  });

  test('duplicate keys in JSON', () => {
    expect(mistakes('{\n\t"version": 1,\n\t"version": 1\n}', 'rules.json')).toContain(
      'rules.json:3:2 this key is there twice; keep one',
    );
  });

  test('unquoted text in a JSON file', () => {
    expect(mistakes('{ "version": 1, "limits": { "maxRetention": 10y } }', 'rules.json')).toEqual([
      expect.stringContaining('rules.json:1:45 '),
    ]);
  });

  test('a file whose aliases multiply', () => {
    const levels = Array.from({ length: 20 }, (_, level) => {
      const before = level === 0 ? 'x' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array(9).fill(before).join(', ')}]`;
    });
    expect(mistakes(levels.join('\n'))).toEqual(['rules.yaml:13:18 expected at most 100 uses of aliases']);
  });

  test('a file nested without end', () => {
    expect(mistakes(`a: ${'['.repeat(20_000)}`)).toEqual([expect.stringMatching(/^rules\.yaml:\d+:\d+ /)]);
  });
});
