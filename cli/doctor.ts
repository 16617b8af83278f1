import { type Command, Option } from 'commander';
import type { DoctorFinding } from '../shared/doctor/finding.ts';
import { quantity } from '../shared/platform/quantity.ts';
import { columnsOf } from '../shared/terminal/columns.ts';
import { wrapUnder } from '../shared/terminal/wrap.ts';
import { examineRegions, type RegionFinding } from './doctor/regions.ts';
import type { DoctorOptions } from './doctor/world.ts';
import { addRulesOptions } from './options/cloud-options.ts';
import { accountOption, addressOption, checkAccount } from './options/function-options.ts';
import { logOutcome } from './terminal/outcome-line.ts';
import { color, type Report, show, shown } from './terminal/output.ts';
import { addAllRegionsOption } from './world/all-regions.ts';

interface Options extends DoctorOptions {
  readonly json?: boolean;
  readonly log?: boolean;
  readonly beforeDeploy?: boolean;
}

export function configure(command: Command): void {
  addRulesOptions(
    addAllRegionsOption(command)
      .option('--template <file>', 's.yaml of what is deployed (default: beside the rules), ram/ beside it')
      .addOption(accountOption('account of the functions'))
      .addOption(addressOption('--fc-endpoint'))
      .option('--before-deploy', 'look only at what has to be there before a deployment')
      .addOption(new Option('--log', 'print one log line, for the alarms').conflicts('json')),
  )
    .addHelpText('after', help)
    .action(doctor);
}

async function doctor(options: Options): Promise<void> {
  checkAccount(options.account);
  const { findings, clock } = await examineRegions(
    options,
    options.beforeDeploy === true ? 'before-deploy' : 'all',
  );
  const told = doctorReport(findings);
  if (options.log !== true) return show(told, options);
  const count = (status: DoctorFinding['status']) => findings.filter((one) => one.status === status).length;
  const [failures, warnings, notChecked] = [count('failure'), count('warning'), count('not-checked')];
  logOutcome('doctor', { failures, warnings, notChecked }, clock);
  process.exitCode = told.exitCode ?? 0;
}

const help = `
It reads, and changes nothing. Exit code 1 when a line says failure. What cannot be seen from here, or not with these
credentials, is told as not checked. Set the variables that s.yaml was deployed with, such as HOLDFAST_BUCKET.`;

const colors = { ok: color.green, warning: color.yellow, failure: color.red, 'not-checked': color.dim };

/** Returns a line for each finding, and one below it for what fixes it, which stays whole so that a command can be copied. */
export function doctorReport(findings: readonly RegionFinding[]): Report {
  const counts = Object.fromEntries(
    Object.keys(colors).map((status) => [status, findings.filter((one) => one.status === status).length]),
  );
  const sum = `${counts['ok']} ok, ${quantity(counts['warning'] ?? 0, 'warning')}, ${quantity(counts['failure'] ?? 0, 'failure')}, ${counts['not-checked']} not checked`;
  return {
    text: [...findings.map(findingLines), sum].join('\n'),
    json: { ok: counts['failure'] === 0, counts, findings },
    exitCode: counts['failure'] === 0 ? 0 : 1,
  };
}

const indent = 'not checked'.length + 2;

/** Returns a finding as one line, and one below it for what fixes it. */
export function findingLines(finding: RegionFinding): string {
  const { status, check, about: named, message, region } = finding;
  const about = region === undefined ? named : named === '-' ? `[${region}]` : `${named} [${region}]`;
  const result = colors[status](status.replace('-', ' ').padEnd(indent));
  const code = 'code' in finding && finding.code !== undefined ? ` (${finding.code})` : '';
  const text = shown(
    `${color.bold(check)}${about === '-' ? '' : ` ${about}`}: ${message}${code}`,
    process.stdout,
  );
  const line = wrapUnder(result, text, columnsOf(process.stdout));
  if (!('mend' in finding)) return line;
  const remedy = wrapUnder(`${' '.repeat(indent)}do: `, finding.mend, columnsOf(process.stdout));
  return `${line}\n${remedy}`;
}
