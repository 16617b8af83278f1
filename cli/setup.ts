import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { defaultActions } from '../shared/deploy/role-needs.ts';
import { loadTemplate } from '../shared/deploy/template.ts';
import { builtInActionPolicy } from '../shared/init/account/alarms.ts';
import { withDefaultPermissions } from '../shared/init/account/default-permissions.ts';
import { infrastructureOf } from '../shared/init/account/infrastructure.ts';
import { rosTemplate } from '../shared/init/account/ros.ts';
import { setupScript } from '../shared/init/account/shell.ts';
import { rulesFrom } from '../shared/rules/read.ts';
import { addRulesOptions } from './options/cloud-options.ts';
import { readPolicies } from './options/read-policies.ts';
import { readText } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import type { ObsSetupOptions } from './setup/obs.ts';
import { note, printJson, show, toJson } from './terminal/output.ts';

interface Options extends ObsSetupOptions {
  readonly json?: boolean;
  readonly format: 'sh' | 'ros';
  readonly template?: string;
  readonly actionPolicy: string;
}

export function configure(command: Command): void {
  addRulesOptions(command)
    .addOption(
      new Option('--format <format>', 'sh: a script for the Alibaba Cloud CLI; ros: a template')
        .choices(['sh', 'ros'])
        .default('sh'),
    )
    .option('--template <file>', 's.yaml (default: beside the rules), ram/ beside it')
    .option('--enable-versioning <bucket...>', 'turn versioning on, for good, for these buckets')
    .option(
      '--enable-object-worm <bucket...>',
      'turn ObjectWorm (on OBS: WORM) on, for good, for these buckets',
    )
    .option(
      '--action-policy <id>',
      'action policy of Simple Log Service: who is told of alarms',
      builtInActionPolicy,
    )
    .option('--yes', 'on OBS: do not ask before what cannot be undone')
    .option('--dry-run', 'on OBS: say what would be turned on, and send nothing')
    .addHelpText('after', help)
    .action(setup);
}

const help = `
With --cloud obs it looks at the buckets, and turns versioning and WORM on for those that are named, after asking: docs/obs-deploy.md.
On OSS it prints, and changes nothing: holdfast setup > setup.sh, read it, then sh setup.sh. The script makes what a deployment
does not: the service-linked role, log project, logstore and index, roles and policies, buckets, inventories, alarms. It
looks before it writes; run it again after each change of rules.yaml, s.yaml or ram/.
Set the variables that s.yaml is deployed with, such as HOLDFAST_BUCKET.`;

/** Prints what makes everything around the functions; on OBS it sets buckets up itself. */
async function setup(options: Options): Promise<void> {
  if (options.cloud === 'obs') {
    const { setUpObs } = await import('./setup/obs.ts');
    return show(await setUpObs(options), options);
  }
  if (options.yes === true || options.dryRun === true) {
    const reason = 'on OSS it prints a script and changes nothing: --yes and --dry-run are for --cloud obs';
    throw usage(reason);
  }
  const { rules: file, template = join(dirname(file), 's.yaml'), format, actionPolicy } = options;
  const rules = rulesFrom(await readText(file), file);
  const { functions } = loadTemplate(template, { environment: process.env });
  const ram = join(dirname(template), 'ram');
  const { policies, added, byHand } = withDefaultPermissions(await readPolicies(ram), rules);
  const timer = join(ram, 'policy-timer.json');
  if (added !== undefined)
    note(
      `the role of policy-timer also gets what the rules under defaults need; add it to ${timer}: ${added}`,
    );
  for (const rule of byHand)
    note(
      `rule ${rule}: RAM knows * and ? alone, so add ${defaultActions.join(' and ')} on its buckets to ${timer}`,
    );
  const infrastructure = infrastructureOf({
    rules,
    functions,
    policies,
    enableVersioning: options.enableVersioning ?? [],
    enableObjectWorm: options.enableObjectWorm ?? [],
  });
  const text =
    format === 'ros' ? rosTemplate(infrastructure, actionPolicy) : setupScript(infrastructure, actionPolicy);
  if (options.json === true) printJson(toJson({ format: 'holdfast.setup/1', kind: format, text }));
  else process.stdout.write(text);
}
