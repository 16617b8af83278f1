import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTerraformFile } from '../../../../shared/deploy/graph/terraform-file.ts';
import { graphFunctionsOf } from '../../../../shared/init/files.ts';
import { terraformText } from '../../../../shared/init/huawei/terraform.ts';

const functions = graphFunctionsOf({ template: readFileSync('s.yaml', 'utf8'), policies: new Map() });
const answers = {
  objectBuckets: ['fin-eu', 'fin-us'],
  eventGridBuckets: ['fin-us'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform would evaluate it, were it not doubled
  deadLetters: { bucket: 'my-letters', prefix: '${x}/' },
  inventoryBucket: 'lists',
  audit: undefined,
};
const text = terraformText(functions, { region: 'ap-southeast-3', ...answers });

describe('a main.tf.json', () => {
  test('tells what fires each function, by OBS and by EventGrid', () => {
    const read = readTerraformFile(text, 'main.tf.json');
    expect(read.map(({ name, triggers }) => [name, triggers])).toEqual([
      ['dead-letter', []],
      ['protect-existing', [expect.objectContaining({ bucket: 'lists', suffix: 'manifest.json' })]],
      ['policy-timer', []],
      [
        'object-created',
        [
          expect.objectContaining({ bucket: 'fin-eu', prefix: '', suffix: '' }),
          { bucket: 'fin-us', prefix: '', suffix: '' },
        ],
      ],
    ]);
  });

  test('gives the policies as IAM gets them', () => {
    for (const { policies } of readTerraformFile(text, 'main.tf.json')) {
      expect(policies).toHaveLength(1);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the folder of the dead letters
      expect(JSON.stringify(JSON.parse(policies[0] ?? ''))).toContain('my-letters/${x}/');
    }
  });

  test('has functions of others too, and triggers that are expressions', () => {
    const document = JSON.parse(text);
    document.resource.huaweicloud_fgs_function.mine = { code_filename: 'mine.zip' };
    document.resource.huaweicloud_fgs_function_trigger.upload_0.event_data = 'x';
    const [created] = readTerraformFile(JSON.stringify(document), 'main.tf.json').slice(-1);
    expect(created?.triggers.map(({ bucket }) => bucket)).toEqual(['fin-us']);
  });

  test.each(['{', '{"resource":{}}', '[]'])('that is something else is refused: %s', (wrong) => {
    expect(() => readTerraformFile(wrong, 'main.tf.json')).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_INVALID' }),
    );
  });
});
