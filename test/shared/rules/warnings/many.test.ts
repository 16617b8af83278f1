import { expect, test } from 'vitest';
import type { ObjectRule, Rules } from '../../../../shared/rules/types.ts';
import { collisions } from '../../../../shared/rules/warnings/collisions.ts';
import { Comparisons } from '../../../../shared/rules/warnings/names.ts';
import { rivals } from '../../../../shared/rules/warnings/rivals.ts';
import { duration, pattern } from '../../../support/arbitrary-rules.ts';

/*
 * The time for many rules is what counts, and a test cannot measure time: it counts how often the automata are asked. Before,
 * each pair was compared by them: 78 s of CPU for 2,000 rules.
 */
const count = 150;
const all = Array.from({ length: count }, (_, index) => index);

const object = (
  index: number,
  bucket: string,
  key?: string,
  tags: Record<string, string> = {},
): ObjectRule => ({
  name: `o${index}`,
  match: {
    bucket: pattern('text', bucket),
    key: key === undefined ? undefined : pattern('key', key),
    tags: new Map(Object.entries(tags).map(([tag, values]) => [tag, pattern('text', values)])),
  },
  retain: { kind: 'for', period: duration(`${(index % 9) + 1}y`) },
});

const bucket = (index: number, glob: string): Rules['buckets'][number] => ({
  name: `b${index}`,
  match: { bucket: pattern('text', glob) },
  policy: {
    days: { atLeast: 30, atMost: 30 },
    initiate: undefined,
    lockAfterMs: 1,
    mismatch: 'report',
    extend: undefined,
  },
});

test.each<[string, (index: number) => ObjectRule, ((index: number) => Rules['buckets'][number])?]>([
  ['object rules by key', (index) => object(index, 'fin-*', `dept-${index}/**`)],
  ['object rules by bucket', (index) => object(index, `team${index}-*`)],
  ['object rules by tag', (index) => object(index, '*', undefined, { class: `c${index}` })],
  ['object rules for everything', (index) => object(index, '*')],
  ['object rules by suffix', (index) => object(index, '*', `**/*.x${index}x`, { t: '*' })],
  [
    'names spelled out',
    (index) => object(index, `fin-${index}`),
    (index) => bucket(index, `archive-${index}`),
  ],
  [
    'globs that share nothing',
    (index) => object(index, `a${index}-*`),
    (index) => bucket(index, `b${index}-*`),
  ],
  ['globs that all share', (index) => object(index, `*-o${index}o`), (index) => bucket(index, `b${index}-*`)],
  ['policies for everything', (index) => object(index, 'x*'), (index) => bucket(index, '*')],
])('%s: the automata are hardly asked', (_, objectRule, bucketRule) => {
  const rules: Rules = {
    cloud: 'oss',
    limits: { maxRetention: duration('10y') },
    objects: all.map(objectRule),
    buckets: bucketRule === undefined ? [] : all.map(bucketRule),
    defaults: [],
  };
  const compare = new Comparisons();
  collisions(rules, compare);
  rivals(rules, compare);
  expect(compare.proofs).toBeLessThan(count);
});

test('many rules that collide are each told of, and each message stays short', () => {
  const rules: Rules = {
    cloud: 'oss',
    limits: { maxRetention: duration('10y') },
    objects: [],
    buckets: all.map((index) => bucket(index, '*')),
    defaults: [],
  };
  const found = collisions(rules, new Comparisons());
  expect(found.length).toBeGreaterThan(count - 51);
  expect(Math.max(...found.map(({ message }) => message.length))).toBeLessThan(400);
});
