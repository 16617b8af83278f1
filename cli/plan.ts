import type { Command } from 'commander';
import { changesOf, type PolicyPlan } from '../shared/buckets/plan.ts';
import { asDocument } from '../shared/terminal/document.ts';
import { showBeside } from './files/beside-file.ts';
import { checkReplaceable, isStandardOutput, replaceFile } from './files/replace-file.ts';
import { addRulesOptions, type RulesOptions, readRules } from './options/cloud-options.ts';
import { approvalLines, approvalsJson, type PlannedApprovals, plannedApprovals } from './plan/approvals.ts';
import {
  defaultLines,
  defaultsNeedAttention,
  defaultsNeedPerson,
  defaultsWillChange,
  type PlannedDefaults,
  plannedDefaults,
} from './plan/defaults.ts';
import { look, needsAttention, needsPerson } from './plan/look.ts';
import { areMattersUnknown, matterLines, type PlannedMatters, plannedMatters } from './plan/matters.ts';
import { planTable } from './plan/table.ts';
import { type ExitCode, toJson } from './terminal/output.ts';
import { addAllRegionsOption, connectRegions, regionLines, regionsJson } from './world/all-regions.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly allRegions?: boolean;
  readonly out?: string;
  readonly detailedExitcode?: boolean;
}

export function configure(command: Command): void {
  addRulesOptions(
    addAllRegionsOption(command)
      .option('--out <file>', 'keep the plan for `holdfast apply`; - is standard output')
      .option(
        '--detailed-exitcode',
        'exit with 0: nothing to do, 1: any error, or something that needs a person, 2: there are changes',
      ),
  ).action(async (options: Options) => {
    if (options.out !== undefined) await checkReplaceable(options.out);
    const rules = await readRules(options);
    const cloud = await connectRegions(options, rules);
    const { plan } = await look(rules, cloud);
    const regions = cloud.regions?.();
    const matters = await plannedMatters(cloud.storage, rules);
    const approvals = await plannedApprovals({ ...cloud, rules }, plan);
    const defaults = await plannedDefaults(cloud, rules);
    const json = {
      ...plan,
      ...(defaults !== undefined && { defaults }),
      ...approvalsJson(approvals),
      ...(matters !== undefined && { matters }),
      ...(regions !== undefined && { regions: regionsJson(regions) }),
    };
    if (options.out !== undefined) await replaceFile(options.out, `${toJson(asDocument(json))}\n`);
    const file = await keptIn(options.out);
    const kept =
      file === undefined
        ? []
        : [`\nkept in ${file}; carry it out with: holdfast apply ${file}${regions ? ' --all-regions' : ''}`];
    await showBeside(
      options.out,
      {
        text: [
          planTable(plan, { timerPuts: defaultsWillChange(defaults) }),
          ...defaultLines(rules.cloud, defaults),
          ...approvalLines(approvals, file, rules.cloud),
          ...matterLines(matters),
          ...regionLines(regions ?? []),
          ...kept,
        ].join('\n'),
        json,
        exitCode: exitCodeOf(plan, { defaults, matters, approvals }, options),
      },
      options,
    );
  });
}

/** This is what is told beside the plan. */
interface Planned {
  readonly defaults: PlannedDefaults | undefined;
  readonly matters: PlannedMatters | undefined;
  readonly approvals: PlannedApprovals | undefined;
}

function exitCodeOf(
  plan: PolicyPlan,
  { defaults, matters, approvals }: Planned,
  { detailedExitcode }: Options,
): ExitCode {
  const isUnknown = areMattersUnknown(matters) || approvals?.unknown !== undefined;
  if (needsAttention(plan) || defaultsNeedAttention(defaults) || isUnknown) return 1;
  if (detailedExitcode !== true) return 0;
  if (needsPerson(plan) || defaultsNeedPerson(defaults)) return 1;
  return changesOf(plan).length > 0 || defaultsWillChange(defaults) ? 2 : 0;
}

/** Returns the file that has the plan from now on, if there is one: standard output keeps nothing. */
const keptIn = async (out: string | undefined): Promise<string | undefined> =>
  out === undefined || (await isStandardOutput(out)) ? undefined : out;
