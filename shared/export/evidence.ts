import type { AuditFile, AuditRecord } from '../audit/file.ts';
import { type FileName, formatName } from '../audit/name.ts';
import { versionKey } from '../disposition/certify.ts';
import { dispositionActions } from '../disposition/records.ts';
import type { VersionSet } from '../disposition/version-set.ts';
import {
  approvalGiven,
  bucketOfRecord,
  concerns,
  isPlanStep,
  matterReleased,
  mattersNamed,
  timeOfRecord,
} from './concerns.ts';
import type { ApprovalGiven, EvidenceState, TextRow } from './evidence-state.ts';
import { chainRow, decisionRow, dispositionRow, type ExportTable, placeOf, textRow } from './rows.ts';
import { type RulesSeen, seeRules } from './rules-seen.ts';
import { type ExportScope, isInPeriod } from './scope.ts';

/** This is where an export goes. */
export interface ExportOut {
  row(table: ExportTable, row: Readonly<Record<string, unknown>>): Promise<void>;
  /** @param path in the pack, with `/` */
  file(path: string, text: string): Promise<void>;
}

/** Takes the evidence file by file, in order, and writes out what of it is about the export. */
export interface EvidencePass {
  add(name: FileName, file: AuditFile | undefined): Promise<void>;
  /** Writes the steps of the plans of disposition by which versions of the export have gone, and the releases of its matters. */
  end(): Promise<void>;
  readonly counts: { readonly decisions: number; readonly kept: number };
  /** By fingerprint. */
  readonly rules: ReadonlyMap<string | undefined, RulesSeen>;
  /** The plans of disposition by which versions have gone, by their hashes. */
  readonly plans: ReadonlySet<string>;
  /** The plans of these of which the evidence that was read has no first step. */
  readonly plansWithoutBeginning: readonly string[];
  /** The approvals that decisions name, below the folder of the evidence. */
  readonly approvals: ReadonlySet<string>;
  /** The approvals that the evidence has a record of. */
  readonly approvalsGiven: ReadonlyMap<string, ApprovalGiven>;
  /** The matters of the versions, and those that decisions name. */
  readonly matters: ReadonlySet<string>;
  /** The buckets that decisions name. */
  readonly buckets: ReadonlySet<string>;
  /** Tells what has to be kept to go on later, behind the file that was added last. */
  state(): EvidenceState;
}

/**
 * Opens a pass over the evidence. A file goes into the pack whole, since its hash is over all of it: the one with a decision, a step of a
 * plan, an approval or a release, those of the same writer that follow in its hour, up to the one that an anchor names, and every file with
 * an anchor. Then each file with one of these can be followed to the last anchor by the names that files give each other.
 * @param known the versions of the period; undefined where it has no end
 * @param mattersOfVersions the matters that have versions of the export
 * @param from what an earlier pass has kept of itself
 */
export function openEvidencePass(
  scope: ExportScope,
  known: VersionSet | undefined,
  out: ExportOut,
  mattersOfVersions: ReadonlySet<string>,
  from?: EvidenceState,
): EvidencePass {
  const counts = { decisions: from?.decisions ?? 0, kept: from?.kept ?? 0 };
  const rules = new Map(from?.rules.map((seen): [string | undefined, RulesSeen] => [seen.fingerprint, seen]));
  const plans = new Set(from?.plans);
  const matters = new Set([...mattersOfVersions, ...(from?.matters ?? [])]);
  const approvals = new Set(from?.approvals);
  const approvalsGiven = new Map<string, ApprovalGiven>(from?.approvalsGiven);
  const folder = scope.rules.audit?.prefix ?? '';
  const buckets = new Set(from?.buckets);
  const steps = [...(from?.steps ?? [])];
  const releases = [...(from?.releases ?? [])];
  let keptWriter = from?.keptWriter;

  /** Keeps what links files to others: steps of plans, and the records of approvals. */
  const keepSteps = (file: AuditFile, record: AuditRecord, index: number, time: Date) => {
    const { plan } = record;
    if (isPlanStep(record) && typeof plan === 'string')
      steps.push({ plan, at: time, row: textRow('dispositions', dispositionRow(file, record, index)) });
    const given = approvalGiven(record);
    if (given !== undefined)
      approvalsGiven.set(withoutFolder(given), {
        at: time,
        place: textRow('approvals', placeOf(file, index)),
      });
  };
  const decide = async (file: AuditFile): Promise<number> => {
    let decisions = 0;
    for (const [at, record] of file.records.entries()) {
      const time = timeOfRecord(record, file.writtenAt);
      keepSteps(file, record, at + 1, time);
      const row = () => textRow('decisions', { time, ...decisionRow(file, record, at + 1) });
      const matter = matterReleased(record);
      if (matter !== undefined && isInPeriod(scope, time)) releases.push({ matter, record, row: row() });
      if (!concerns(scope, record, time, known)) continue;
      decisions += 1;
      await write(record, row());
    }
    counts.decisions += decisions;
    return decisions;
  };
  const write = async (record: AuditRecord, row: TextRow) => {
    note(record);
    await out.row('decisions', row);
  };
  const withoutFolder = (key: string) => (key.startsWith(folder) ? key.slice(folder.length) : key);
  const note = (record: AuditRecord) => {
    const { action, plan, key, versionId, approval } = record;
    const bucket = bucketOfRecord(record);
    if (typeof approval === 'string') approvals.add(approval);
    if (action === dispositionActions.disposed && typeof plan === 'string') plans.add(plan);
    for (const id of mattersNamed(record)) matters.add(id);
    if (bucket !== undefined) buckets.add(bucket);
    if (bucket === undefined || typeof key !== 'string' || typeof versionId !== 'string') return;
    known?.add(versionKey({ bucket, key, versionId }));
  };

  return {
    counts,
    rules,
    plans,
    get plansWithoutBeginning() {
      const begun = new Set(
        steps.filter(({ row }) => row['action'] === dispositionActions.planned).map(({ plan }) => plan),
      );
      return [...plans].filter((plan) => !begun.has(plan));
    },
    approvals,
    approvalsGiven,
    matters,
    buckets,
    async add(name, file) {
      const writer = `${name.hour}/${name.writer}`;
      const decisions = file === undefined ? 0 : await decide(file);
      if (decisions > 0 || file?.records.some(isStep) === true) keptWriter = writer;
      const isKept = file !== undefined && (keptWriter === writer || file.records.some(isAnchor));
      if (file !== undefined) rules.set(file.rules, seeRules(rules.get(file.rules), file));
      if (isKept) {
        counts.kept += 1;
        await out.file(`evidence/${formatName(name)}`, file.text);
      }
      await out.row('chain', chainRow(name, file, { decisions, isKept }));
    },
    async end() {
      // A matter may be known by a record that comes after that of its release.
      for (const { record, row } of releases.filter(({ matter }) => matters.has(matter))) {
        counts.decisions += 1;
        await write(record, row);
      }
      const ofPlans = steps.filter(({ plan }) => plans.has(plan));
      ofPlans.sort((one, other) => one.at.getTime() - other.at.getTime());
      for (const { row } of ofPlans) await out.row('dispositions', row);
    },
    state: () => ({
      ...counts,
      rules: [...rules.values()],
      ...{ plans: [...plans], matters: [...matters], buckets: [...buckets] },
      ...{ approvals: [...approvals], approvalsGiven: [...approvalsGiven] },
      ...{ steps, releases, keptWriter },
    }),
  };
}

const isAnchor = ({ action }: AuditRecord): boolean => action === 'anchor';

/** Tells whether only a later record may say that this one is about the export. */
const isStep = (record: AuditRecord): boolean =>
  isPlanStep(record) || approvalGiven(record) !== undefined || matterReleased(record) !== undefined;

/** Tells whether an export needs to know its versions later: not where its period has no end, so that no record is after it. */
export const needsToKnow = ({ until }: ExportScope, now: Date): boolean =>
  until !== undefined && until <= now;
