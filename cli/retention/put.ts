import * as z from 'zod';
import { approvalRecord } from '../../shared/approvals/fields.ts';
import { isLongRetention } from '../../shared/approvals/needed.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import {
  applyManualRetention,
  decideManualRetention,
  type ManualRetentionResult,
} from '../../shared/objects/manual-retention.ts';
import type { ObjectOutcome } from '../../shared/objects/outcome.ts';
import { objectRecord } from '../../shared/objects/record.ts';
import type { ObservedVersion } from '../../shared/objects/types.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { ceilToSecond, formatInstant } from '../../shared/platform/instant.ts';
import { shellWord } from '../../shared/platform/shell-word.ts';
import { visible } from '../../shared/platform/visible.ts';
import { addDuration, parseDuration } from '../../shared/rules/duration.ts';
import { endOfDate, parseTagDate } from '../../shared/rules/tag-date.ts';
import { type ObjectAt, versionId } from '../../shared/storage/port.ts';
import { type Cloud, connect, type RulesOptions, readRules } from '../options/cloud-options.ts';
import { readConfiguration, value } from '../options/configuration.ts';
import { usage } from '../options/usage.ts';
import { confirmWord } from '../terminal/confirm.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { color, objectUrl, type Report } from '../terminal/output.ts';
import { requireApprovals } from '../world/approvals.ts';
import { evidenceOf } from '../world/evidence.ts';
import { guarded } from '../world/guarded.ts';
import { liveVersion } from '../world/observe-object.ts';
import { aligned } from '../world/policy-facts.ts';
import { retentionLines } from '../world/retention-facts.ts';

export interface PutOptions extends RulesOptions {
  readonly versionId?: string;
  readonly until?: string;
  readonly for?: string;
  readonly days?: number;
  readonly mode: string;
  readonly retention?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Keeps one version until a date: observe, decide, confirm, apply, read back.
 * @throws USAGE, the refusals of {@link decideManualRetention}, what {@link applyManualRetention} and
 *   {@link requireApprovals} throw, NOT_CONFIRMED
 */
export async function put(at: ObjectAt, options: PutOptions): Promise<Report> {
  const untilOf = await readWish(options);
  const rules = await readRules(options);
  const cloud = guarded(await connect(options), options);
  const wanted = options.versionId === undefined ? undefined : versionId(options.versionId);
  const version = await liveVersion(cloud.storage, at, wanted, false);
  const dates = { until: untilOf(version), now: cloud.clock.now() };
  const judged = decideManualRetention(rules, version, dates);
  if (judged.kind === 'refuse') throw judged.error;
  const { decision } = judged.outcome;
  if (decision.action !== 'protect') return nothing(version, judged.outcome, cloud);
  const until = formatInstant(decision.until);
  // Whoever confirms it, and the record of it, sees the whole version id.
  const target = visible(formatAddress(rules.cloud, version));
  const { bucket, key } = version;
  const subject: ApprovalSubject | undefined = isLongRetention(rules, {
    until: decision.until,
    now: dates.now,
  })
    ? { act: 'retain', bucket, key, versionId: version.versionId, until }
    : undefined;
  const asked = subject === undefined || options.dryRun === true ? [] : [subject];
  const make = `holdfast retention put ${shellWord(formatAddress(rules.cloud, { bucket, key }))} --version-id ${version.versionId} --until ${until} --dry-run --json > plan.json`;
  const before = await requireApprovals({ ...cloud, rules }, asked, make);
  const asks = options.yes !== true && options.dryRun !== true;
  if (asks) {
    await confirmWord('retain', `retain ${target} until ${until}`);
  }
  // An approval may have ended, or been taken back, during the question.
  const [approval] = (asks ? await requireApprovals({ ...cloud, rules }, asked, make) : before).values();
  onInterrupt(stopMidway);
  const kept = await evidenceOf('holdfast retention', { ...cloud, rules }).of(
    { ...at, versionId: version.versionId, action: 'protect', retainUntil: until },
    () => applyManualRetention(cloud.storage, cloud.clock, judged.outcome),
    ({ outcome }) => ({ ...objectRecord(outcome), reason: 'by hand', ...approvalRecord(approval) }),
  );
  return report({ target, until, subject, cloud: rules.cloud }, kept, cloud);
}

function nothing(version: ObservedVersion, { decision }: ObjectOutcome, { storage, clock }: Cloud): Report {
  const { bucket, key, versionId: id, retention, legalHold } = version;
  return {
    text: [
      color.bold(objectUrl(storage.cloud, { bucket, key })),
      'nothing to do: it is kept until just then already',
      aligned(retentionLines(retention, clock.now(), legalHold)),
    ].join('\n'),
    json: {
      cloud: storage.cloud,
      bucket,
      key,
      versionId: id,
      action: decision.action,
      changed: false,
      retention,
    },
  };
}

interface Retained {
  readonly target: string;
  readonly until: string;
  /** The act that the rules ask an approval for. */
  readonly subject: ApprovalSubject | undefined;
  readonly cloud: CloudName;
}

function report(
  { target, until, subject, cloud }: Retained,
  { outcome, stored }: ManualRetentionResult,
  { clock }: Cloud,
): Report {
  const { bucket, key, versionId: id, decision, receipt } = outcome;
  const sent = receipt?.sent !== false;
  return {
    text: sent
      ? `${color.green('done:')} retained ${target}; read back:\n${aligned(retentionLines(stored, clock.now()))}`
      : `dry run: would retain ${target} until ${until}; nothing was sent`,
    json: {
      cloud,
      bucket,
      key,
      versionId: id,
      action: decision.action,
      changed: sent && decision.action === 'protect',
      sent,
      until,
      requestId: receipt?.requestId,
      ...(stored && { retention: stored }),
      ...(!sent && subject !== undefined && { approval: subject }),
    },
  };
}

type UntilOf = (version: Pick<ObservedVersion, 'lastModified'>) => Date;

/** Until when a version is to be kept. @throws USAGE unless exactly one way says so */
async function readWish({ until, for: period, days, mode, retention }: PutOptions): Promise<UntilOf> {
  const ways = [until, period, days, retention].filter((way) => way !== undefined);
  if (ways.length !== 1) throw usage('give one of --until, --for, --days and --retention');
  checkMode(mode, '--mode');
  if (retention !== undefined) {
    const content = z.strictObject({ Mode: value, RetainUntilDate: value });
    const form = { option: '--retention', root: 'Retention', content };
    const { Mode, RetainUntilDate } = await readConfiguration(retention, form);
    checkMode(Mode, 'Mode');
    return fixed(RetainUntilDate, 'RetainUntilDate');
  }
  if (until !== undefined) return fixed(until, '--until');
  const duration = parseDuration(period ?? `${days}d`);
  if ('problem' in duration) throw usage(`--for: ${duration.problem}`);
  return ({ lastModified }) => ceilToSecond(addDuration(lastModified, duration));
}

function fixed(text: string, name: string): UntilOf {
  const date = parseTagDate(text);
  if ('problem' in date) throw usage(`${name}: ${date.problem}`);
  return () => endOfDate(date);
}

/** OSS documents COMPLIANCE alone (PutObjectRetention, 2026). */
function checkMode(mode: string, name: string): void {
  if (mode === 'COMPLIANCE') return;
  const why =
    'whoever holds oss:BypassGovernanceRetention can take GOVERNANCE retention away, OSS does not document it, and it ' +
    'can never become COMPLIANCE';
  throw usage(
    mode === 'GOVERNANCE' ? `${name} GOVERNANCE is refused: ${why}` : `${name} ${mode}: expected COMPLIANCE`,
  );
}

function stopMidway(): void {
  process.stderr.write(
    '\ninterrupted: the retention may have been written; `holdfast retention get` shows what is so now\n',
  );
  process.exit(130);
}
