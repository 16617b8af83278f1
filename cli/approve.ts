import type { Command } from 'commander';
import { longestApprovalMs } from '../shared/approvals/name.ts';
import { longestNote } from '../shared/approvals/record.ts';
import { hashSubjects, subjectInWords } from '../shared/approvals/subject.ts';
import { keepApproval } from '../shared/audit/approval-record.ts';
import type { CloudName } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant, second } from '../shared/platform/instant.ts';
import { mostOfList } from '../shared/platform/text.ts';
import { addDuration, parseDuration } from '../shared/rules/duration.ts';
import { endOfDate, parseTagDate } from '../shared/rules/tag-date.ts';
import { aboutAct } from './approve/about.ts';
import { type Approvable, actsToApprove, changedSincePlanned, readApprovable } from './approve/approvable.ts';
import { addRulesOptions, type RulesOptions, readRules } from './options/cloud-options.ts';
import { readText } from './options/read-text.ts';
import { usage } from './options/usage.ts';
import { confirmUndoable, here } from './terminal/confirm.ts';
import { note, type Report, show } from './terminal/output.ts';
import { addAllRegionsOption, connectRegions } from './world/all-regions.ts';
import { type ApprovingWorld, approvalsPlace } from './world/approvals.ts';
import { refuseTemporaryCaller } from './world/caller.ts';
import { evidenceOf } from './world/evidence.ts';
import { serviceOffsetMs } from './world/service-time.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly allRegions?: boolean;
  readonly until: string;
  readonly note?: string;
  readonly yes?: boolean;
}

export function configure(command: Command): void {
  addRulesOptions(
    addAllRegionsOption(command)
      .argument('<plan>', 'a plan of `holdfast plan --out`, or what a command prints with --dry-run --json')
      .option(
        '--until <when>',
        'the end of the approval: a date, or a duration from now such as 7d; at most 90d',
        '7d',
      )
      .option('--note <text>', 'why; it stays on record')
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', help)
    .action(async (file: string, options: Options) => show(await approvePlan(file, options), options));
}

const help = `
The rules say what needs an approval (approvals: in the rules file): locks and extensions of policies, long retention, large runs
of protect, the release of a matter. Somebody else than who does it approves it here, with another access key: exactly what the
plan says, and nothing that has changed since. The approval is an object below approvals/ in the folder of the evidence.
Dispositions are approved with \`holdfast disposition approve\`.`;

/**
 * Approves what is in a plan and needs it: looks whether it is still so, asks, and writes the approval.
 * @throws USAGE, APPROVAL_PLAN_INVALID, PLAN_INVALID, PLAN_CHANGED, CALLER_TEMPORARY, EVIDENCE_UNSET, NOT_CONFIRMED,
 *   APPROVAL_MALFORMED, AUDIT_UNWRITTEN, and what reading and writing throw
 */
export async function approvePlan(file: string, options: Options): Promise<Report> {
  const text = await readText(file, mostOfList);
  const said = readNote(options.note);
  const rules = await readRules(options);
  approvalsPlace(rules);
  const approvable = readApprovable(text, file);
  refuseOtherCloud(approvable, rules.cloud, file);
  const cloud = await connectRegions(options, rules);
  refuseTemporaryCaller(cloud);
  const world: ApprovingWorld = { ...cloud, rules };
  await serviceOffsetMs(cloud); // the end is counted by the clock of the service, which follows its replies
  const subjects = actsToApprove(rules, approvable, cloud.clock.now());
  if (subjects.length === 0) throw usage(`the rules ask for no approval of what is in ${file}`);
  const changed = await changedSincePlanned(world, approvable, subjects);
  if (changed.length > 0) throw failure('PLAN_CHANGED', { differences: changed.join('\n') });
  const until = readEnd(options.until, cloud.clock.now());
  const about = subjects.map((subject) => subjectInWords(subject, rules.cloud));
  const plan = hashSubjects(subjects);
  const facts = await Promise.all(subjects.map((subject) => aboutAct(world, approvable, subject)));
  if (options.yes !== true) {
    const end = formatInstant(until);
    const isShown = here.input.isTTY === true;
    if (isShown) note([...facts, `plan ${plan}`].join('\n'));
    await confirmUndoable(
      'approve',
      isShown ? `approve this until ${end}` : `approve, until ${end}: ${about.join('; ')}`,
    );
  }
  const by = cloud.caller();
  const kept = await keepApproval(world, {
    by,
    until,
    plan,
    subjects,
    ...(said !== undefined && { note: said }),
  });
  for (const error of kept.errors)
    note(`the approval is not under retention: ${error.code}: ${error.message}`);
  const { bucket, key } = kept;
  await evidenceOf('holdfast approve', world).keep([
    { action: 'approved', plan, until: formatInstant(until), acts: about, reason: said, approval: key },
  ]);
  return {
    text: [
      ...(options.yes === true ? [...facts, `plan ${plan}`] : []),
      `approved by ${by.caller} until ${formatInstant(until)}`,
    ].join('\n'),
    json: { plan, until, approvedBy: by.caller, subjects, note: said, approval: { bucket, key } },
    exitCode: kept.errors.length > 0 ? 1 : 0,
  };
}

/** Refuses an act in another cloud than the command serves: its approval would be where nobody looks for it. @throws USAGE */
function refuseOtherCloud(approvable: Approvable, cloud: CloudName, file: string): void {
  const planned = 'plan' in approvable ? cloud : (approvable.told.cloud ?? cloud);
  if (planned === cloud) return;
  throw usage(`${file} is a plan of ${planned}, and this command serves ${cloud}: name --cloud ${planned}`);
}

/** @throws USAGE */
function readNote(text: string | undefined): string | undefined {
  const note = text?.trim();
  if (note === '') throw usage('--note is empty: say why, or leave it out');
  if (note !== undefined && note.length > longestNote) {
    throw usage(`--note has ${note.length} characters, and ${longestNote} at most are kept`);
  }
  return note;
}

/** @throws USAGE */
function readEnd(text: string, now: Date): Date {
  const until = endOf(text, now);
  if (until === undefined) {
    throw usage(`--until ${text}: expected a duration such as 7d, or a date such as 2026-12-31`);
  }
  if (until <= now) throw usage(`--until ${text} is past`);
  if (until.getTime() > now.getTime() + longestApprovalMs) {
    throw usage(`--until ${text}: an approval lasts for 90 days at most`);
  }
  return new Date(Math.floor(until.getTime() / second) * second); // as the name of an approval has it
}

function endOf(text: string, now: Date): Date | undefined {
  const lasts = parseDuration(text);
  if (!('problem' in lasts)) return addDuration(now, lasts);
  const date = parseTagDate(text);
  return 'problem' in date ? undefined : endOfDate(date);
}
