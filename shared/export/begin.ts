import type { AuditRecord } from '../audit/file.ts';
import { endOf, parseName } from '../audit/name.ts';
import { parseFile } from '../audit/parse-file.ts';
import { entries, inOrder } from '../audit/walk.ts';
import { dispositionActions } from '../disposition/records.ts';
import { hasCode } from '../platform/errors.ts';
import { day } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { readableText } from '../storage/readable-text.ts';
import { isOfScope } from './concerns.ts';
import type { ExportScope } from './scope.ts';

/** This is where the beginning of plans is looked for. */
export interface BeginSource {
  readonly storage: Pick<StorageReads, 'listVersions' | 'readText'>;
  /** The folder of the evidence. */
  readonly place: ObjectPrefix;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Finds the day from which an export reads the evidence: the one with which its period begins, or an earlier one on which a plan of
 * disposition was made by which versions of the export have gone since. It lists the evidence, and reads what `holdfast
 * disposition` has written.
 * @returns undefined for a period without a beginning
 * @throws what listing and reading throw, and the signal's reason
 */
export async function beginOfEvidence(source: BeginSource, scope: ExportScope): Promise<Date | undefined> {
  if (scope.from === undefined) return undefined;
  const since = startOfDay(scope.from);
  const unbegun = await plansBegunBefore(source, scope, since);
  if (unbegun.size === 0) return since;
  const first = await firstDay(source);
  let begin = since;
  for (
    let at = dayBefore(since);
    first !== undefined && at >= first && unbegun.size > 0;
    at = dayBefore(at)
  ) {
    source.signal.throwIfAborted();
    const text = at.toISOString().slice(0, 'yyyy-mm-dd'.length).replaceAll('-', '/');
    const { bucket, prefix } = source.place;
    const folder = { bucket, prefix: `${prefix}${text}/` };
    for await (const { action, plan } of dispositionRecords(source, folder, undefined)) {
      if (action !== dispositionActions.planned || typeof plan !== 'string') continue;
      if (unbegun.delete(plan)) begin = at;
    }
  }
  return begin;
}

const startOfDay = (at: Date): Date => new Date(Math.floor(at.getTime() / day) * day);
const dayBefore = (at: Date): Date => new Date(at.getTime() - day);

/** Returns the plans by which versions of the export have gone since a day, and which were made before it. */
async function plansBegunBefore(source: BeginSource, scope: ExportScope, since: Date): Promise<Set<string>> {
  const gone = new Set<string>();
  const planned = new Set<string>();
  for await (const record of dispositionRecords(source, source.place, since)) {
    const { action, plan } = record;
    if (typeof plan !== 'string') continue;
    if (action === dispositionActions.planned) planned.add(plan);
    if (action === dispositionActions.disposed && isOfScope(scope, record)) gone.add(plan);
  }
  for (const plan of planned) gone.delete(plan);
  return gone;
}

/** Returns the day of the oldest evidence; undefined when there is none. */
async function firstDay({ storage, place }: BeginSource): Promise<Date | undefined> {
  for await (const { key } of storage.listVersions(place.bucket, place.prefix)) {
    const name = parseName(key.slice(place.prefix.length));
    if (name !== undefined) return startOfDay(new Date(endOf(name).getTime() - 1));
  }
  return undefined;
}

const writerOfPlans = 'holdfast-disposition-';

async function* dispositionRecords(
  { storage, place, now, signal }: BeginSource,
  folder: ObjectPrefix,
  since: Date | undefined,
): AsyncIterable<AuditRecord> {
  const texts = inOrder(entries(storage, folder, since, now), async ({ key, versions }) => {
    // The oldest version is the one that was written first.
    const first = versions.filter(({ kind }) => kind === 'version').at(-1);
    const name = parseName(key.slice(place.prefix.length));
    if (first === undefined || name?.writer.startsWith(writerOfPlans) !== true) return undefined;
    // What is no text is left to whoever verifies it.
    return await readableText(storage, first, { hasCode });
  });
  for await (const text of texts) {
    signal.throwIfAborted();
    const file = text === undefined ? undefined : parseFile(text);
    if (file !== undefined && !('problem' in file)) yield* file.records;
  }
}
