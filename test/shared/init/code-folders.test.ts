import { describe, expect, test } from 'vitest';
import { graphCodeFolders } from '../../../shared/init/huawei/code-folders.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is an expression of Terraform
const here = '${path.module}/';
const folders = (...sources: readonly string[]) =>
  graphCodeFolders(
    JSON.stringify({
      data: {
        archive_file: Object.fromEntries(sources.map((source, at) => [`a${at}`, { source_dir: source }])),
      },
    }),
    'main.tf.json',
  ).map(({ code }) => code);

describe('the folders that a main.tf.json deploys functions from', () => {
  test('are those of the functions of Holdfast, wherever somebody has moved them', () => {
    expect(folders(`${here}dist/huawei/dead-letter`, `${here}build/policy-timer`)).toEqual([
      'dist/huawei/dead-letter',
      'build/policy-timer',
    ]);
  });

  test('leave archives of others alone, and any outside the folder of the file', () => {
    const foreign = [`${here}lambda/mine`, '/srv/object-created', `${here}../object-created`];
    expect(folders(...foreign, `${here}x/object-created`)).toEqual(['x/object-created']);
    expect(() => folders(...foreign)).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID' }));
  });

  test.each([
    ['no JSON', '{', 'is no JSON'],
    ['a file without archives', '{"data":{}}', 'data.archive_file: '],
    [
      'a folder that is no text',
      '{"data":{"archive_file":{"a":{"source_dir":1}}}}',
      'data.archive_file.a.source_dir: ',
    ],
  ])('%s is refused with its place', (_, text, message) => {
    expect(() => graphCodeFolders(text, 'main.tf.json')).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
