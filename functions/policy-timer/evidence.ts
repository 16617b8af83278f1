import { createHash } from 'node:crypto';
import { anchored, anchorRecord } from '../../shared/audit/anchor.ts';
import type { AuditFile, AuditRecord } from '../../shared/audit/file.ts';
import { latestFile } from '../../shared/audit/latest.ts';
import { formatName } from '../../shared/audit/name.ts';
import type { BucketOutcome } from '../../shared/buckets/run.ts';
import { isChange } from '../../shared/buckets/types.ts';
import { finishBy } from '../../shared/platform/finish-by.ts';
import { day } from '../../shared/platform/instant.ts';
import { errorFields } from '../../shared/platform/log.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { Invocation } from '../invocation.ts';

/** This is what the evidence says before this run adds to it. */
export interface EvidenceBefore {
  /** The last file of this function; undefined: none within a day, or it could not be read. */
  readonly last: AuditFile | undefined;
  /** Names the last files of all chains; undefined: they could not be listed. */
  readonly anchor: AuditRecord | undefined;
}

/**
 * Reads the last evidence of this function and the ends of all chains. A failure is told and costs nothing but records:
 * what is not known counts as changed.
 */
export async function readEvidence(invocation: Invocation): Promise<EvidenceBefore | undefined> {
  const { storage, rules, clock, log, deadline } = invocation;
  const { audit } = rules;
  if (audit === undefined) return undefined;
  const attempt = <Result>(
    level: 'warn' | 'error',
    what: string,
    text: string,
    work: () => Promise<Result>,
  ) =>
    finishBy(clock, deadline, what, work).catch((error: unknown) => {
      log[level](errorFields(error), text);
      return undefined;
    });
  const now = clock.now();
  const [last, anchor] = await Promise.all([
    attempt(
      'warn',
      'reading the last evidence',
      'the last evidence is not known: this run is written whole',
      () => latestFile(storage, audit, 'policy-timer', now),
    ),
    attempt('error', 'listing the evidence', 'the evidence is not anchored', () =>
      anchorRecord(storage, audit, now),
    ),
  ]);
  return { last, anchor };
}

/** This is what there is of a run. */
interface ChosenFrom {
  readonly records: readonly AuditRecord[];
  readonly run: AuditRecord;
  readonly acted: boolean;
  readonly rules: string;
}

/**
 * Chooses what of a run becomes evidence. A run in which nothing has changed since the last evidence adds nothing, but
 * once a day, as a proof of life, all of it. Other rules are a change. New ends of chains are anchored in any case. Pure.
 *
 * @param records of the buckets, as they are logged
 * @param run the record of the whole run
 * @param acted whether something was sent that changes a policy
 * @param rules the fingerprint of the rules in force
 */
export function chooseEvidence(
  before: EvidenceBefore,
  { records, run, acted, rules }: ChosenFrom,
  now: Date,
): AuditRecord[] {
  const { last, anchor } = before;
  const outcome = hashOutcome(records);
  const runRecord = { ...run, outcome };
  const changed = acted || last?.rules !== rules || outcomeOf(last) !== outcome;
  const isDue = last !== undefined && now.getTime() - lastWhole(last).getTime() >= day;
  const known = new Set(last === undefined ? [] : [formatName(last.name), ...headsOf(last.records)]);
  const heads = anchor === undefined ? [] : headsOf([anchor]);
  const isAnchored = heads.every((head) => known.has(head));
  if (!changed && !isDue && isAnchored) return [];
  const named = last === undefined ? heads : [...new Set([...heads, formatName(last.name)])];
  const whole = changed || isDue;
  const since = whole ? now : lastWhole(last ?? { records: [], writtenAt: now });
  return [
    ...(whole ? records : []),
    ...(anchor === undefined ? [] : [{ ...anchor, heads: named }]),
    { ...runRecord, wholeAt: since.toISOString() },
  ];
}

/** Returns a change that was sent, or may have been, is evidence also when it ends as the last one did. */
export const hasActed = (outcomes: readonly BucketOutcome[]): boolean =>
  outcomes.some(
    (outcome) =>
      isChange(outcome.decision) &&
      !('unapproved' in outcome) &&
      !('applied' in outcome && outcome.applied?.sent === false),
  );

/** This is what counts as a change of the outcome; hours left, request ids and words do not. */
const significant = [
  ...['bucket', 'rule', 'action', 'problem', 'wormId', 'state', 'days', 'newDays', 'lockDeadline'],
  ...['code', 'dryRun', 'why', 'previousDefault'],
];

function hashOutcome(records: readonly AuditRecord[]): string {
  const lines = records.map((record) => JSON.stringify(significant.map((key) => record[key] ?? null)));
  return `sha256:${createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')}`;
}

const runOf = ({ records }: Pick<AuditFile, 'records'>): AuditRecord | undefined =>
  records.findLast(({ action }) => action === 'run');

const outcomeOf = (file: AuditFile): unknown => runOf(file)?.['outcome'];

/** Tells when the records of all buckets were written last. */
function lastWhole(file: Pick<AuditFile, 'records' | 'writtenAt'>): Date {
  const text = runOf(file)?.['wholeAt'];
  const at = new Date(typeof text === 'string' ? text : Number.NaN);
  return Number.isNaN(at.getTime()) ? new Date(0) : at;
}

const headsOf = (records: readonly AuditRecord[]): string[] => records.flatMap(anchored).map(formatName);

/**
 * Adds to the evidence what is chosen of a run, and the text of the rules with the records of all buckets:
 * when the rules are others, and once a day, so that the evidence of any day has them.
 * @param before undefined where the rules name no place for evidence
 */
export function addEvidence(
  { rules, clock, audit }: Pick<Invocation, 'rules' | 'clock' | 'audit'>,
  before: EvidenceBefore | undefined,
  run: Omit<ChosenFrom, 'rules'>,
): void {
  if (before === undefined) return;
  const hash = hashRules(rules);
  const now = clock.now();
  const chosen = chooseEvidence(before, { ...run, rules: hash }, now);
  if (runOf({ records: chosen })?.['wholeAt'] === now.toISOString()) audit.tellRules();
  for (const record of chosen) audit.add(record);
}
