import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { loadTemplate } from '../shared/deploy/template.ts';
import { graphCodeFolders } from '../shared/init/huawei/code-folders.ts';
import { type CloudName, cloudNames } from '../shared/platform/address.ts';
import { bundleFiles } from './bundle/files.ts';
import { writeFiles } from './files/write-files.ts';
import { defaultRules } from './options/cloud-options.ts';
import { readText } from './options/read-text.ts';
import { color, show } from './terminal/output.ts';

interface Options {
  readonly json?: boolean;
  readonly cloud: CloudName;
  readonly rules: string;
  readonly template?: string;
}

export function configure(command: Command): void {
  command
    .addOption(
      new Option('--cloud <name>', 'oss: the functions of s.yaml; obs: those of main.tf.json')
        .choices([...cloudNames])
        .default('oss'),
    )
    .option('--rules <file>', 'rules file that goes with the code (HOLDFAST_RULES)', defaultRules())
    .option(
      '--template <file>',
      'the file whose functions are meant (default: s.yaml, with --cloud obs main.tf.json)',
    )
    .addHelpText(
      'after',
      '\nThe s.yaml that `holdfast init` writes runs it before each deployment. With --cloud obs run it before `terraform apply`,\n' +
        'which sees that the code has changed. Rules with mistakes are refused.',
    )
    .action(bundle);
}

/** Puts the built functions of this installation, with the rules, where s.yaml or main.tf.json deploys them from. */
async function bundle({ cloud, rules: rulesFile, template, json }: Options): Promise<void> {
  const rules = await readText(rulesFile);
  const { file, functions } = await deployedBy(cloud, template);
  await writeFiles(dirname(file), await bundleFiles(functions, rules, rulesFile, cloud));
  const codes = functions.map(({ code }) => code);
  show(
    {
      text: `${color.green('wrote')} ${codes.join(', ')}, each with ${rulesFile}`,
      json: { codes, rulesFile },
    },
    { json },
  );
}

/** Reads the folders of the functions' code. @throws FILE_UNREADABLE, TEXT_ENCODING, TEMPLATE_INVALID */
async function deployedBy(
  cloud: CloudName,
  template: string | undefined,
): Promise<{ readonly file: string; readonly functions: readonly { readonly code: string }[] }> {
  if (cloud === 'obs') {
    const file = template ?? 'main.tf.json';
    return { file, functions: graphCodeFolders(await readText(file), file) };
  }
  const file = template ?? 's.yaml';
  return { file, functions: loadTemplate(file, { environment: process.env }).functions };
}
