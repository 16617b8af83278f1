import { dirname } from 'node:path';
import type { Command } from 'commander';
import { loadTemplate } from '../shared/deploy/template.ts';
import { bundleFiles } from './bundle-files.ts';
import { defaultRules } from './cloud-options.ts';
import { color, show } from './output.ts';
import { readText } from './read-text.ts';
import { writeFiles } from './write-files.ts';

interface Options {
  readonly json?: boolean;
  readonly rules: string;
  readonly template: string;
}

export function configure(command: Command): void {
  command
    .option('--rules <file>', 'rules file that goes with the code (HOLDFAST_RULES)', defaultRules())
    .option('--template <file>', 'the s.yaml whose functions are meant', 's.yaml')
    .addHelpText(
      'after',
      '\nThe s.yaml that `holdfast init` writes runs it before each deployment. Rules with mistakes are refused.',
    )
    .action(bundle);
}

/** Puts the built functions of this installation, with the rules, where s.yaml deploys them from. */
async function bundle({ rules: rulesFile, template: templateFile, json }: Options): Promise<void> {
  const rules = await readText(rulesFile);
  const template = loadTemplate(templateFile, { environment: process.env });
  await writeFiles(dirname(templateFile), await bundleFiles(template.functions, rules, rulesFile));
  const codes = template.functions.map(({ code }) => code);
  show(
    {
      text: `${color.green('wrote')} ${codes.join(', ')}, each with ${rulesFile}`,
      json: { codes, rulesFile },
    },
    { json },
  );
}
