import { expect, it } from 'vitest';
import { differencesOfTargets } from '../../../shared/disposition/progress.ts';

it('tells which addresses have come and which have gone since a plan was begun, or that their order is another', () => {
  expect(differencesOfTargets(['oss://a/', 'oss://b/'], ['oss://a/', 'oss://b/'])).toEqual([]);
  expect(differencesOfTargets(['oss://a/', 'oss://b/'], ['oss://b/', 'oss://c/'])).toEqual([
    'oss://c/ is to be looked through and was not',
    'oss://a/ was to be looked through and is not',
  ]);
  expect(differencesOfTargets(['oss://a/', 'oss://b/'], ['oss://b/', 'oss://a/'])).toEqual([
    'the buckets are in another order',
  ]);
});
