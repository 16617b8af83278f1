import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CloudName, cloudNames } from '../../../shared/platform/address.ts';
import { loadRulesOf, readRulesDocument } from '../../../shared/rules/load.ts';
import { bucketRules, candidates } from '../../../shared/rules/match.ts';
import { narrowGlobs } from '../../../shared/rules/narrow.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import { findWarningsInClouds } from '../../../shared/rules/warnings/in-clouds.ts';
import { pattern } from '../../support/arbitrary-rules.ts';
import { mistakes } from '../../support/rules-file.ts';

const file = (rules: string): string => `version: 1\nlimits: { maxRetention: 10y }\n${rules}\n`;
const objectRule = (name: string, ...globs: string[]): string =>
  `  - { name: ${name}, match: { bucket: ${JSON.stringify(globs)} }, retain: 1y }`;
const namesIn = (cloud: CloudName, text: string, bucket: string): string[] =>
  candidates(rulesFrom(text, 'rules.yaml', cloud), bucket, 'k').map(({ name }) => name);

/** A glob as a list of rules has it, in parts. */
const written = fc.record({
  excludes: fc.boolean(),
  cloud: fc.constantFrom(undefined, ...cloudNames),
  text: fc.constantFrom('*', 'fin-*', 'fin-eu', '*-eu', 'hr-?', '{a,fin-us}', '!odd'),
});

describe('bucket globs narrowed to a cloud', () => {
  test('match what each glob says by itself', () => {
    const names = fc.constantFrom('fin-eu', 'fin-us', 'hr-1', 'a', 'x-eu', '!odd', 'other');
    fc.assert(
      fc.property(
        fc.array(written, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...cloudNames),
        names,
        (list, cloud, name) => {
          const globs = list.map(
            (glob) =>
              `${glob.excludes ? '!' : ''}${glob.cloud === undefined ? '' : `${glob.cloud}://`}${glob.text}`,
          );
          // Without a scheme, a first `!` excludes.
          const meant = list.map((glob) =>
            glob.cloud === undefined && !glob.excludes && glob.text.startsWith('!')
              ? { ...glob, excludes: true, text: glob.text.slice(1) }
              : glob,
          );
          const matches = ({ text }: { readonly text: string }) =>
            pattern('text', text.startsWith('!') ? `\\${text}` : text).matches(name);
          const here = meant.filter((glob) => glob.cloud === undefined || glob.cloud === cloud);
          const wanted =
            meant.every(({ excludes }) => excludes) || here.some((glob) => !glob.excludes && matches(glob));
          const expected = wanted && !here.some((glob) => glob.excludes && matches(glob));

          const narrowed = narrowGlobs(globs, cloud);
          expect(narrowed !== undefined && pattern('text', ...narrowed.globs).matches(name)).toBe(expected);
          for (const glob of narrowed?.globs ?? []) expect(glob).not.toContain('://');
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each<[string, string[], CloudName, string[] | undefined]>([
    ['a rule for the other cloud drops out', ['obs://fin-*'], 'oss', undefined],
    ['and never turns into all that is not excluded', ['obs://fin-*', '!tmp-*'], 'oss', undefined],
    ['nor by an exclusion of this cloud', ['obs://fin-*', '!oss://tmp-*'], 'oss', undefined],
    ['globs of both clouds part', ['oss://a', 'obs://b', 'c'], 'obs', ['b', 'c']],
    ['an exclusion of the other cloud is none here', ['a*', '!obs://ab'], 'oss', ['a*']],
    ['exclusions alone are for all else', ['!oss://tmp-*'], 'oss', ['!tmp-*']],
    ['in the other cloud that is everything', ['!oss://tmp-*'], 'obs', ['*']],
    ['no scheme, no change', ['a', '!b'], 'obs', ['a', '!b']],
    ['a mark after the scheme is a character', ['obs://!a'], 'obs', ['\\!a']],
  ])('%s', (_, globs, cloud, expected) => {
    expect(narrowGlobs(globs, cloud)?.globs).toEqual(expected);
  });
});

describe('a rules file for two clouds', () => {
  const text = file(
    [
      'deadLetters: [oss://letters/oss/, "obs://letters.cn/obs/"]',
      'audit: obs://audit/evidence/',
      'objects:',
      objectRule('anywhere', 'fin-*'),
      objectRule('huawei', 'obs://fin-*', '!tmp'),
      objectRule('alibaba', 'oss://fin-*'),
      'buckets:',
      '  - { name: archive, match: { bucket: archive-* }, policy: { days: 365, lock: { after: 20h } } }',
    ].join('\n'),
  );

  test('has in each cloud the rules that are for it', () => {
    expect(namesIn('oss', text, 'fin-eu')).toEqual(['anywhere', 'alibaba']);
    expect(namesIn('obs', text, 'fin-eu')).toEqual(['anywhere', 'huawei']);
    expect(namesIn('oss', text, 'other')).toEqual([]);
  });

  test('has one folder for each cloud', () => {
    const [oss, obs] = cloudNames.map((cloud) => rulesFrom(text, 'rules.yaml', cloud));
    expect(oss?.deadLetters).toEqual({ bucket: 'letters', prefix: 'oss/' });
    expect(obs?.deadLetters).toEqual({ bucket: 'letters.cn', prefix: 'obs/' });
    expect([oss?.audit, obs?.audit]).toEqual([undefined, { bucket: 'audit', prefix: 'evidence/' }]);
  });

  test('has no rules for bucket policies on OBS', () => {
    expect(bucketRules(rulesFrom(text, 'rules.yaml', 'oss'), 'archive-1')).toHaveLength(1);
    expect(bucketRules(rulesFrom(text, 'rules.yaml', 'obs'), 'archive-1')).toEqual([]);
  });

  test('that has no rule for the cloud that is served is refused', () => {
    const obsOnly = file(`objects:\n${objectRule('huawei', 'obs://fin-*')}`);
    expect(() => rulesFrom(obsOnly, 'rules.yaml', 'oss')).toThrow(
      expect.objectContaining({ code: 'NO_RULE_FOR_CLOUD' }),
    );
    expect(rulesFrom(obsOnly, 'rules.yaml', 'obs').objects).toHaveLength(1);
  });

  test('is checked in each, at the places of the file', () => {
    const document = readRulesDocument(
      file(
        [
          'objects:',
          objectRule('huawei', 'obs://fin-*'),
          objectRule('alibaba', 'obs://a.b', 'oss://ok-1', 'oss://Fin'),
          'buckets:',
          '  - { name: archive, match: { bucket: "obs://archive-*" }, policy: { days: 365, lock: { after: 20h } } }',
        ].join('\n'),
      ),
      'rules.yaml',
    );
    const loaded = loadRulesOf(document);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const found = findWarningsInClouds(loaded.written, new Date('2026-11-20T10:00:00Z'));
    expect(found.map(({ code, path }) => [code, path.join('.')])).toEqual([
      ['impossible-glob', 'objects.1.match.bucket.2'],
      ['high-cap', expect.anything()],
      ['no-such-policy', 'buckets.0.match.bucket'],
    ]);
  });
});

describe('mistakes', () => {
  test.each([
    [
      `objects:\n${objectRule('a', 's3://fin-*')}`,
      /expected oss:\/\/ or obs:\/\/ before a bucket glob, found "s3:\/\/fin-\*"/,
    ],
    [`objects:\n${objectRule('a', 'OBS://fin-*')}`, /expected oss:\/\/ or obs:\/\/ before/],
    [`objects:\n${objectRule('a', '!obs://fin/key')}`, /expected a bucket glob alone after obs:\/\//],
    [`objects:\n${objectRule('a', 'obs://')}`, /expected a bucket glob alone after obs:\/\//],
    [`deadLetters: s3://b/c/\nobjects:\n${objectRule('a', 'b')}`, /:3:\d+ expected a folder of a bucket/],
    [
      `deadLetters: [oss://bbb/c/, oss://bbb/d/]\nobjects:\n${objectRule('a', 'b')}`,
      /:3:\d+ expected one folder for each cloud, found a second one that begins with oss:\/\//,
    ],
    [`audit: oss://b.b/c/\nobjects:\n${objectRule('a', 'b')}`, /expected a folder of a bucket/],
    [`audit: []\nobjects:\n${objectRule('a', 'b')}`, /expected at least one folder in the list/],
  ])('in %j', (text, message) => {
    const found = mistakes(file(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });
});
