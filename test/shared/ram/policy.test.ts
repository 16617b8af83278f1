import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../shared/ram/conditions.ts';
import { evaluate, parsePolicy } from '../../../shared/ram/policy.ts';
import { matches } from '../../../shared/ram/wildcard.ts';

type Part = Readonly<Record<string, unknown>>;
const statement = (part: Part = {}) => ({
  Effect: 'Allow',
  Action: 'oss:GetObject',
  Resource: 'acs:oss:*:1:b/*',
  ...part,
});
const policy = (...statements: Part[]) =>
  parsePolicy(JSON.stringify({ Version: '1', Statement: statements }), 'role.json');
const ask = (statements: Part[], action = 'oss:GetObject', resource = 'acs:oss:*:1:b/k', facts: Facts = {}) =>
  evaluate(policy(...statements), action, resource, facts);

describe('a policy', () => {
  const allow = statement();
  const deny = statement({ Effect: 'Deny' });
  const table: [string, Part[], string, string, string][] = [
    ['allows what a statement names', [allow], 'oss:GetObject', 'acs:oss:*:1:b/k', 'Allow'],
    ['denies another action', [allow], 'oss:PutObject', 'acs:oss:*:1:b/k', 'ImplicitDeny'],
    ['denies another resource', [allow], 'oss:GetObject', 'acs:oss:*:1:c/k', 'ImplicitDeny'],
    [
      'denies the bucket when it names its objects',
      [allow],
      'oss:GetObject',
      'acs:oss:*:1:b',
      'ImplicitDeny',
    ],
    ['denies another account', [allow], 'oss:GetObject', 'acs:oss:*:2:b/k', 'ImplicitDeny'],
    ['lets a denial win, first or last', [deny, allow], 'oss:GetObject', 'acs:oss:*:1:b/k', 'ExplicitDeny'],
    ['lets a denial win, first or last', [allow, deny], 'oss:GetObject', 'acs:oss:*:1:b/k', 'ExplicitDeny'],
    ['denies nothing else with a denial', [deny, allow], 'oss:GetObject', 'acs:oss:*:1:b', 'ImplicitDeny'],
    [
      'takes * for any text, slashes too',
      [statement({ Action: 'oss:Get*' })],
      'oss:GetObjectTagging',
      'acs:oss:*:1:b/x/y',
      'Allow',
    ],
    [
      'takes ? for one character',
      [statement({ Action: 'oss:?etObject' })],
      'oss:GetObject',
      'acs:oss:*:1:b/k',
      'Allow',
    ],
    [
      'takes no dot for any character',
      [statement({ Resource: 'acs:oss:*:1:b.c/*' })],
      'oss:GetObject',
      'acs:oss:*:1:bxc/k',
      'ImplicitDeny',
    ],
    [
      'allows all but NotAction',
      [statement({ Action: undefined, NotAction: ['oss:Put*', 'oss:Delete*'] })],
      'oss:GetObject',
      'acs:oss:*:1:b/k',
      'Allow',
    ],
    [
      'does not allow NotAction',
      [statement({ Action: undefined, NotAction: ['oss:Put*', 'oss:Get*'] })],
      'oss:GetObject',
      'acs:oss:*:1:b/k',
      'ImplicitDeny',
    ],
    [
      'denies all but NotResource',
      [
        statement({ Resource: '*' }),
        statement({ Effect: 'Deny', Resource: undefined, NotResource: '*:b/*' }),
      ],
      'oss:GetObject',
      'acs:oss:*:1:c/k',
      'ExplicitDeny',
    ],
    [
      'that is a list of two needs one of them',
      [statement({ Action: ['oss:A', 'oss:B'] })],
      'oss:B',
      'acs:oss:*:1:b/k',
      'Allow',
    ],
  ];
  test.each(table)('%s', (_name, statements, action, resource, verdict) => {
    expect(ask(statements, action, resource)).toBe(verdict);
  });
});

describe('a condition', () => {
  const days = 'oss:object-remaining-retention-days';
  const table: [string, Part, Facts, boolean][] = [
    ['StringEquals', { 'oss:Prefix': ['a/', 'b/'] }, { 'oss:Prefix': 'b/' }, true],
    ['StringEquals', { 'oss:Prefix': 'a/' }, { 'oss:Prefix': 'A/' }, false],
    ['StringEqualsIgnoreCase', { 'oss:Prefix': 'a/' }, { 'oss:Prefix': 'A/' }, true],
    ['StringLike', { 'oss:Prefix': 'a/*' }, { 'oss:Prefix': 'a/b' }, true],
    ['StringLike', { 'oss:Prefix': 'a/*' }, { 'oss:Prefix': 'b/a/' }, false],
    ['StringLike', { 'oss:Prefix': '*' }, {}, false],
    ['NumericEquals', { [days]: 5 }, { [days]: 5 }, true],
    ['NumericEquals', { [days]: '5' }, { [days]: 6 }, false],
    ['NumericLessThan', { [days]: '10' }, { [days]: 9 }, true],
    ['NumericLessThan', { [days]: '10' }, { [days]: 10 }, false],
    ['NumericLessThan', { [days]: '10' }, {}, false],
    ['NumericLessThanEquals', { [days]: '10' }, { [days]: 10 }, true],
    ['NumericLessThanEquals', { [days]: '10' }, { [days]: 11 }, false],
    ['NumericGreaterThan', { [days]: '10' }, { [days]: 11 }, true],
    ['NumericGreaterThan', { [days]: '10' }, { [days]: 10 }, false],
    ['NumericGreaterThanEquals', { [days]: '10' }, { [days]: 10 }, true],
    ['NumericGreaterThanEquals', { [days]: '10' }, { [days]: 9 }, false],
    ['Bool', { 'acs:SecureTransport': true }, { 'acs:SecureTransport': true }, true],
    ['Bool', { 'acs:SecureTransport': 'true' }, { 'acs:SecureTransport': false }, false],
    ['IpAddress', { 'acs:SourceIp': ['10.0.0.0/8', '::1'] }, { 'acs:SourceIp': '10.2.3.4' }, true],
    ['IpAddress', { 'acs:SourceIp': ['10.0.0.0/8', '::1'] }, { 'acs:SourceIp': '::1' }, true],
    ['IpAddress', { 'acs:SourceIp': '10.0.0.0/8' }, { 'acs:SourceIp': '::ffff:10.2.3.4' }, true],
    ['IpAddress', { 'acs:SourceIp': '10.0.0.0/8' }, { 'acs:SourceIp': '11.2.3.4' }, false],
    ['NotIpAddress', { 'acs:SourceIp': ['10.0.0.0/8', '11.0.0.0/8'] }, { 'acs:SourceIp': '11.2.3.4' }, false],
    ['NotIpAddress', { 'acs:SourceIp': ['10.0.0.0/8', '11.0.0.0/8'] }, { 'acs:SourceIp': '12.2.3.4' }, true],
  ];
  test.each(table)('%s %j of %j: %s', (operator, lines, facts, expected) => {
    const verdict = ask([statement({ Condition: { [operator]: lines } })], undefined, undefined, facts);
    expect(verdict).toBe(expected ? 'Allow' : 'ImplicitDeny');
  });

  test('has to hold together with every other one of its statement', () => {
    const both = statement({
      Condition: { Bool: { 'acs:SecureTransport': 'false' }, StringEquals: { 'oss:Prefix': 'a' } },
    });
    const withPrefix = (prefix: string) =>
      ask([both], undefined, undefined, { 'acs:SecureTransport': false, 'oss:Prefix': prefix });
    expect(withPrefix('a')).toBe('Allow');
    expect(withPrefix('b')).toBe('ImplicitDeny');
  });
});

describe('refused', () => {
  test.each([
    ['an operator nobody knows', { DateLessThan: { 'acs:CurrentTime': '2027' } }, /operator DateLessThan/],
    [
      'a condition key nobody knows',
      { StringLike: { 'acs:MFAPresent': 'x' } },
      /condition key acs:MFAPresent/,
    ],
    ['an inherited name', { toString: { 'oss:Prefix': 'x' } }, /operator toString/],
  ])('as not implemented, since leaving it out would change the meaning: %s', (_name, Condition, message) => {
    expect(() => policy(statement({ Condition }))).toThrow(
      expect.objectContaining({
        code: 'RAM_POLICY_NOT_IMPLEMENTED',
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each<[string, unknown]>([
    ['no statement', { Version: '1', Statement: [] }],
    ['version 2', { Version: '2', Statement: [statement()] }],
    ['an unknown element', { Version: '1', Statement: [statement({ Principal: '*' })] }],
    ['both Action and NotAction', { Version: '1', Statement: [statement({ NotAction: 'oss:A' })] }],
    ['no Resource', { Version: '1', Statement: [statement({ Resource: undefined })] }],
    ['an unknown effect', { Version: '1', Statement: [statement({ Effect: 'allow' })] }],
    [
      'a range that is none',
      {
        Version: '1',
        Statement: [statement({ Condition: { IpAddress: { 'acs:SourceIp': '10.0.0.0/33' } } })],
      },
    ],
    [
      'a number that is none',
      { Version: '1', Statement: [statement({ Condition: { NumericLessThan: { 'oss:Prefix': 'x' } } })] },
    ],
    ['no policy at all', null],
  ])('as invalid, with the file: %s', (_name, value) => {
    expect(() => parsePolicy(JSON.stringify(value), 'role.json')).toThrow(
      expect.objectContaining({ code: 'RAM_POLICY_INVALID', message: expect.stringContaining('role.json') }),
    );
  });

  test('as invalid: what is not JSON', () => {
    expect(() => parsePolicy('{', 'role.json')).toThrow(/role.json.*not JSON/);
  });
});

test('a pattern without wildcards fits itself and nothing else', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '.', '+', '[', '(', '\\', '$', '|', '\n', '箱') });
  fc.assert(fc.property(text, text, (pattern, other) => matches(pattern, other) === (pattern === other)));
});
