import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { loadTemplate } from '../shared/deploy/template.ts';
import { rulesFrom } from '../shared/rules/read.ts';
import { builtInActionPolicy } from '../shared/setup/account/alarms.ts';
import { infrastructureOf } from '../shared/setup/account/infrastructure.ts';
import { rosTemplate } from '../shared/setup/account/ros.ts';
import { setupScript } from '../shared/setup/account/shell.ts';
import { defaultRules } from './cloud-options.ts';
import { printJson, toJson } from './output.ts';
import { readPolicies } from './read-policies.ts';
import { readText } from './read-text.ts';

interface Options {
  readonly json?: boolean;
  readonly format: 'sh' | 'ros';
  readonly rules: string;
  readonly template?: string;
  readonly enableVersioning?: readonly string[];
  readonly enableObjectWorm?: readonly string[];
  readonly actionPolicy: string;
}

export function configure(command: Command): void {
  command
    .addOption(
      new Option('--format <format>', 'sh: a script for the Alibaba Cloud CLI; ros: a template')
        .choices(['sh', 'ros'])
        .default('sh'),
    )
    .option('--rules <file>', 'rules file (HOLDFAST_RULES)', defaultRules())
    .option('--template <file>', 's.yaml (default: beside the rules), ram/ beside it')
    .option('--enable-versioning <bucket...>', 'turn versioning on, for good, for these buckets')
    .option('--enable-object-worm <bucket...>', 'turn ObjectWorm on, for good, for these buckets')
    .option(
      '--action-policy <id>',
      'action policy of Simple Log Service: who is told of alarms',
      builtInActionPolicy,
    )
    .addHelpText('after', help)
    .action(setup);
}

const help = `
It prints, and changes nothing: holdfast setup > setup.sh, read it, then sh setup.sh. The script makes what a deployment
does not: the service-linked role, log project, logstore and index, roles and policies, buckets, inventories, alarms. It
looks before it writes; run it again after each change of rules.yaml, s.yaml or ram/.
Set the variables that s.yaml is deployed with, such as HOLDFAST_BUCKET.`;

/** Prints what makes everything around the functions. */
async function setup(options: Options): Promise<void> {
  const { rules: file, template = join(dirname(file), 's.yaml'), format, actionPolicy } = options;
  const rules = rulesFrom(await readText(file), file);
  const { functions } = loadTemplate(template, { environment: process.env });
  const infrastructure = infrastructureOf({
    rules,
    functions,
    policies: await readPolicies(join(dirname(template), 'ram')),
    enableVersioning: options.enableVersioning ?? [],
    enableObjectWorm: options.enableObjectWorm ?? [],
  });
  const text =
    format === 'ros' ? rosTemplate(infrastructure, actionPolicy) : setupScript(infrastructure, actionPolicy);
  if (options.json === true) printJson(toJson({ format, text }));
  else process.stdout.write(text);
}
