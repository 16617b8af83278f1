import { expect, test } from 'vitest';
import { readAnswers, type Texts } from '../../../shared/init/read-answers.ts';

const given: Texts = {
  region: 'cn-hangzhou',
  objectBuckets: 'fin-eu, fin-us  fin-eu',
  archiveBuckets: 'archive-2026',
  keep: '7y',
  max: '10y',
  deadLetters: 'oss://my-letters/dead/',
};

function problemsWith(texts: Texts): readonly string[] {
  const read = readAnswers({ ...given, ...texts });
  return 'problems' in read ? read.problems : [];
}

test('buckets may be separated by commas and blanks, and count once', () => {
  expect(readAnswers(given)).toMatchObject({
    answers: {
      objectBuckets: ['fin-eu', 'fin-us'],
      archiveBuckets: ['archive-2026'],
      keep: { months: 84 },
      deadLetters: { bucket: 'my-letters', prefix: 'dead/' },
      inventoryBucket: undefined,
    },
  });
});

test.each<[keyof Texts, string]>([
  ['deadLetters', '--dead-letters'],
  ['region', '--region'],
  ['objectBuckets', '--object-bucket'],
  ['keep', '--keep'],
])('bytes that were no UTF-8 in %s are named', (field, flag) => {
  const typed = `${given[field]}\u{fffd}`;
  const problem = `${flag}: the answer has bytes that are no UTF-8 (shown as \u{fffd}); set the terminal to UTF-8`;
  expect(problemsWith({ [field]: typed })).toEqual([problem]);
});

test('everything that is missing is named by its option', () => {
  const read = readAnswers({});
  expect('problems' in read && read.problems).toEqual([
    '--region is missing',
    '--keep is missing',
    '--max is missing',
    '--dead-letters is missing',
    '--object-bucket or --archive-bucket is missing',
  ]);
});

test.each<[string, Texts, string]>([
  ['a region that is none', { region: 'Hangzhou' }, '--region: expected a region such as cn-hangzhou'],
  ['a bucket name with a capital', { objectBuckets: 'Fin' }, '--object-bucket: expected bucket names'],
  ['a glob', { archiveBuckets: 'archive-*' }, '--archive-bucket: expected bucket names'],
  ['a duration without unit', { keep: '7' }, '--keep: "7" has no unit'],
  ['dead letters without a folder', { deadLetters: 'oss://letters' }, '--dead-letters: expected a folder'],
  ['two buckets of inventories', { inventoryBucket: 'one,two' }, '--inventory-bucket: expected one bucket'],
  [
    'a bucket of both kinds',
    { archiveBuckets: 'fin-eu' },
    'fin-eu: OSS makes ObjectWorm and a WORM policy exclusive',
  ],
  ['dead letters beside what is retained', { deadLetters: 'oss://fin-eu/x/' }, 'need a bucket of their own'],
  [
    'inventories beside what is retained',
    { inventoryBucket: 'fin-eu' },
    'inventories need a bucket of their own',
  ],
  [
    'a default retention that is longer than what is kept',
    { defaultRetention: '8y' },
    '--default-retention 8y can be longer than --keep 7y',
  ],
  [
    'a default retention that no service counts',
    { defaultRetention: '18mo' },
    '--default-retention: expected whole days or whole years',
  ],
  [
    'a default retention without object buckets',
    { objectBuckets: '', defaultRetention: '30d' },
    '--default-retention 30d: is for buckets that --object-bucket names',
  ],
  ['a limit that is shorter than what is kept', { max: '6y' }, '--keep 7y can be longer than --max 6y'],
  [
    'a limit that leaves no whole days for policies of buckets',
    { max: '7y' },
    '7y takes 2557d: --max 7y can be shorter; give at least 2557d',
  ],
  [
    'more than policies of buckets can have',
    { keep: '80y', max: '90y' },
    '--keep 80y is more than the policy of a bucket can have: 25550 days',
  ],
])('%s is refused', (_, texts, message) => {
  expect(problemsWith(texts).join('\n')).toContain(message);
});

test('objects may be kept for as long as the limit', () => {
  expect(problemsWith({ archiveBuckets: '', max: '7y' })).toEqual([]);
});
