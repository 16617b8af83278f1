import type { AuditFile, AuditRecord } from '../audit/file.ts';
import { type FileName, formatName } from '../audit/name.ts';
import { versionKey } from '../disposition/certify.ts';
import { dispositionActions } from '../disposition/records.ts';
import { createVersionSet, type VersionSet } from '../disposition/version-set.ts';
import { concerns, isPlanStep, mattersNamed, timeOfRecord } from './concerns.ts';
import { chainRow, decisionRow, dispositionRow, type ExportTable } from './rows.ts';
import { type RulesSeen, seeRules } from './rules-seen.ts';
import type { ExportScope } from './scope.ts';

/** This is where an export goes. */
export interface ExportOut {
  row(table: ExportTable, row: Readonly<Record<string, unknown>>): Promise<void>;
  /** @param path in the pack, with `/` */
  file(path: string, text: string): Promise<void>;
}

/** Takes the evidence file by file, in order, and writes out what of it is about the export. */
export interface EvidencePass {
  add(name: FileName, file: AuditFile | undefined): Promise<void>;
  /** Writes the steps of the plans of disposition by which versions of the export have gone. */
  end(): Promise<void>;
  readonly counts: { readonly decisions: number; readonly kept: number };
  /** By fingerprint. */
  readonly rules: ReadonlyMap<string | undefined, RulesSeen>;
  /** The plans of disposition by which versions have gone, by their hashes. */
  readonly plans: ReadonlySet<string>;
  /** The matters that decisions name. */
  readonly matters: ReadonlySet<string>;
  /** The buckets that decisions name. */
  readonly buckets: ReadonlySet<string>;
}

/**
 * Opens a pass over the evidence. A file goes into the pack whole, since its hash is over all of it: the one with a decision, those of the same
 * writer that follow in its hour, up to the one that an anchor names, and every file with an anchor or a step of a plan. Then each file
 * with a decision can be followed to the last anchor by the names that files give each other.
 * @param known the versions of the period; undefined where it has no end
 */
export function openEvidencePass(
  scope: ExportScope,
  known: VersionSet | undefined,
  out: ExportOut,
): EvidencePass {
  const counts = { decisions: 0, kept: 0 };
  const rules = new Map<string | undefined, RulesSeen>();
  const plans = new Set<string>();
  const matters = new Set<string>();
  const buckets = new Set<string>();
  const steps: {
    readonly plan: string;
    readonly at: Date;
    readonly row: ReturnType<typeof dispositionRow>;
  }[] = [];
  let keptWriter: string | undefined;

  const decide = async (file: AuditFile): Promise<number> => {
    let decisions = 0;
    for (const [at, record] of file.records.entries()) {
      const time = timeOfRecord(record, file.writtenAt);
      const { plan } = record;
      if (isPlanStep(record) && typeof plan === 'string')
        steps.push({ plan, at: time, row: dispositionRow(file, record, at + 1) });
      if (!concerns(scope, record, time, known)) continue;
      decisions += 1;
      note(record);
      await out.row('decisions', { time, ...decisionRow(file, record, at + 1) });
    }
    counts.decisions += decisions;
    return decisions;
  };
  const note = (record: AuditRecord) => {
    const { action, plan, bucket, key, versionId } = record;
    if (action === dispositionActions.disposed && typeof plan === 'string') plans.add(plan);
    for (const id of mattersNamed(record)) matters.add(id);
    if (typeof bucket === 'string') buckets.add(bucket);
    if (typeof bucket !== 'string' || typeof key !== 'string' || typeof versionId !== 'string') return;
    known?.add(versionKey({ bucket, key, versionId }));
  };

  return {
    counts,
    rules,
    plans,
    matters,
    buckets,
    async add(name, file) {
      const writer = `${name.hour}/${name.writer}`;
      const decisions = file === undefined ? 0 : await decide(file);
      if (decisions > 0) keptWriter = writer;
      const isKept = file !== undefined && (keptWriter === writer || file.records.some(linksOthers));
      if (file !== undefined) rules.set(file.rules, seeRules(rules.get(file.rules), file));
      if (isKept) {
        counts.kept += 1;
        await out.file(`evidence/${formatName(name)}`, file.text);
      }
      await out.row('chain', chainRow(name, file, { decisions, isKept }));
    },
    async end() {
      const ofPlans = steps.filter(({ plan }) => plans.has(plan));
      ofPlans.sort((one, other) => one.at.getTime() - other.at.getTime());
      for (const { row } of ofPlans) await out.row('dispositions', row);
    },
  };
}

const linksOthers = (record: AuditRecord): boolean => record['action'] === 'anchor' || isPlanStep(record);

/** Makes the set of versions that an export needs to know later; none where its period has no end. */
export const versionsToKnow = ({ until }: ExportScope, now: Date): VersionSet | undefined =>
  until === undefined || until > now ? undefined : createVersionSet();
