import { expect, test } from 'vitest';
import { iamNeedsOf } from '../../../local/iam/actions.ts';

const copyOf = (source: string) =>
  iamNeedsOf('CopyObject', {
    bucket: 'to',
    key: 'copy',
    query: new Map<string, string>(),
    headers: { 'x-oss-copy-source': source },
  });

test.each([
  ['/from/a%20b', ['obs:object:GetObject from/a b']],
  ['/from/a%20b?versionId=v', ['obs:object:GetObject from/a b', 'obs:object:GetObjectVersion from/a b']],
  ['from%2Fa%2Fb', ['obs:object:GetObject from/a/b']],
  ['nothing', []],
])('a copy from %s reads its source, by the key as it is', (source, needs) => {
  expect(copyOf(source).map(({ action, bucket, key }) => `${action} ${bucket}/${key}`)).toEqual([
    'obs:object:PutObject to/copy',
    ...needs,
  ]);
});
